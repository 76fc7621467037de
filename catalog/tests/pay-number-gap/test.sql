-- Numbers form one sequence over all clients and years; the number after may belong to a payslip outside the period. Where
-- nothing follows, the counter kept with the runs says whether more numbers were given: payslips taken from the end leave no gap.
WITH numbered AS (
    SELECT payslip_number, count(*) AS payslips, max(pay_on) AS last_pay_on, bool_or(pay_on BETWEEN $period_start AND $period_end) AS in_period
    FROM payslip
    GROUP BY payslip_number
),
followed AS (
    SELECT payslip_number, payslips, last_pay_on, in_period, lead(payslip_number) OVER (ORDER BY payslip_number) AS number_after
    FROM numbered
)
SELECT n.payslip_number, n.payslips, n.last_pay_on, n.number_after, c.last_number
FROM (SELECT max(last_payslip_number) AS last_number FROM pay_run) AS c
CROSS JOIN followed AS n
WHERE n.in_period
  AND (
    n.payslips > 1
    OR coalesce(n.number_after, c.last_number + 1) > n.payslip_number + 1
  )
