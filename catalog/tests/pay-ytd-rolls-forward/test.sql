-- The year is that of the pay date. The payslip before may have been paid before the period; payslips of one day follow
-- each other by their number.
WITH rolled AS (
    SELECT
        payslip_id, employee_id, pay_on, gross, ytd_gross,
        CAST(date_trunc('year', pay_on) AS date) AS year_start,
        lag(payslip_id) OVER w AS payslip_before,
        lag(ytd_gross) OVER w AS ytd_before
    FROM payslip
    WINDOW w AS (PARTITION BY employee_id, date_trunc('year', pay_on) ORDER BY pay_on, payslip_number)
)
SELECT payslip_id, employee_id, pay_on, payslip_before, ytd_before, gross, ytd_gross
FROM rolled
WHERE pay_on BETWEEN $period_start AND $period_end
  AND (payslip_before IS NOT NULL OR year_start >= $period_start)
  AND (ytd_gross IS DISTINCT FROM gross + CASE WHEN payslip_before IS NULL THEN CAST(0 AS decimal(18, 2)) ELSE ytd_before END)
