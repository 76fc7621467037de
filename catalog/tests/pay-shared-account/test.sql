-- A line whose payslip or employee is not on file names nobody and so no second person; pay-bank-line-has-payslip returns it.
WITH paid AS (
    SELECT b.account, p.employee_id, count(*) AS lines, min(b.value_on) AS first_paid_on, max(b.value_on) AS last_paid_on
    FROM bank_line AS b
    INNER JOIN payslip AS p ON p.payslip_id = b.payslip_id
    WHERE b.value_on BETWEEN $period_start AND $period_end
    GROUP BY b.account, p.employee_id
),
named AS (
    SELECT p.account, e.client_id, p.employee_id, e.taxpayer_key, p.lines, p.first_paid_on, p.last_paid_on
    FROM employee AS e
    INNER JOIN paid AS p ON p.employee_id = e.employee_id
),
shared AS (
    SELECT account
    FROM named
    GROUP BY account
    HAVING min(taxpayer_key) <> max(taxpayer_key)
)
SELECT n.account, n.client_id, n.employee_id, n.lines, n.first_paid_on, n.last_paid_on
FROM shared AS s
INNER JOIN named AS n ON n.account = s.account
