-- Numbers form one sequence over all clients and years; the number after may belong to a payslip outside the period. Where
-- nothing follows, the counter kept with the runs says whether more numbers were given: payslips taken from the end leave no gap.
WITH numbered AS (
    SELECT payslip_number, count(*) AS payslips, max(pay_on) AS last_pay_on, bool_or(pay_on BETWEEN $period_start AND $period_end) AS in_period
    FROM payslip
    GROUP BY payslip_number
)
SELECT n.payslip_number, n.payslips, n.last_pay_on, f.payslip_number AS number_after, c.last_number
FROM numbered AS n
CROSS JOIN (SELECT max(last_payslip_number) AS last_number FROM pay_run) AS c
LEFT JOIN numbered AS f ON f.payslip_number = n.payslip_number + 1
WHERE n.in_period
  AND (
    n.payslips > 1
    OR (f.payslip_number IS NULL AND n.payslip_number < c.last_number)
  )
