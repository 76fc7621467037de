-- One rounding, of the sum: rounding regular and overtime pay apart would move a cent on many payslips.
SELECT payslip_id, employee_id, rate, hours_regular, hours_overtime, gross, gross_expected
FROM (
    SELECT
        payslip_id, employee_id, pay_on, rate, hours_regular, hours_overtime, gross,
        CAST(round_half_up(rate * (hours_regular + hours_overtime * $overtime_factor), 2) AS decimal(18, 2)) AS gross_expected
    FROM payslip
) AS recomputed
WHERE pay_on BETWEEN $period_start AND $period_end
  AND (gross IS DISTINCT FROM gross_expected)
