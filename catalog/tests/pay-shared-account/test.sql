-- A line whose payslip or employee is not on file names nobody and so no second person; pay-bank-line-has-payslip returns it.
WITH paid AS (
    SELECT
        b.account, p.client_id, p.employee_id,
        count(*) AS lines, min(b.value_on) AS first_paid_on, max(b.value_on) AS last_paid_on
    FROM bank_line AS b
    INNER JOIN payslip AS p ON p.payslip_id = b.payslip_id
    WHERE b.value_on BETWEEN $period_start AND $period_end
    GROUP BY b.account, p.client_id, p.employee_id
),
compared AS (
    SELECT
        p.account, p.client_id, p.employee_id, p.lines, p.first_paid_on, p.last_paid_on,
        min(e.taxpayer_key) OVER (PARTITION BY p.account) AS one_person,
        max(e.taxpayer_key) OVER (PARTITION BY p.account) AS other_person
    FROM paid AS p
    INNER JOIN employee AS e ON e.employee_id = p.employee_id
)
SELECT account, client_id, employee_id, lines, first_paid_on, last_paid_on
FROM compared
WHERE one_person <> other_person
