-- The other payslip may have been paid outside the period; every payslip of the group inside it is returned.
WITH twice AS (
    SELECT employee_id, period_end_on, count(*) AS payslips
    FROM payslip
    GROUP BY employee_id, period_end_on
    HAVING count(*) > 1
)
SELECT p.payslip_id, p.employee_id, p.run_id, p.period_end_on, p.pay_on, p.net, t.payslips
FROM payslip AS p
INNER JOIN twice AS t ON t.employee_id = p.employee_id AND t.period_end_on = p.period_end_on
WHERE p.pay_on BETWEEN $period_start AND $period_end
