-- A line whose payslip or employee is not on file names nobody and so no second person; pay-bank-line-has-payslip returns it.
WITH paid AS (
    SELECT
        b.account, p.client_id, p.employee_id, e.taxpayer_key,
        count(*) AS lines, min(b.value_on) AS first_paid_on, max(b.value_on) AS last_paid_on
    FROM bank_line AS b
    INNER JOIN payslip AS p ON p.payslip_id = b.payslip_id
    INNER JOIN employee AS e ON e.employee_id = p.employee_id
    WHERE b.value_on BETWEEN $period_start AND $period_end
    GROUP BY b.account, p.client_id, p.employee_id, e.taxpayer_key
),
shared AS (
    SELECT account
    FROM paid
    GROUP BY account
    HAVING min(taxpayer_key) <> max(taxpayer_key)
)
SELECT p.account, p.client_id, p.employee_id, p.lines, p.first_paid_on, p.last_paid_on
FROM paid AS p
INNER JOIN shared AS s ON s.account = p.account
