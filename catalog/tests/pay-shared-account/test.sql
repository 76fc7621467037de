-- A line whose payslip or employee is not on file names nobody and so no second person; pay-bank-line-has-payslip returns it.
-- The small table stands on the left of its join, so that lines and payslips stream past it.
WITH paid AS (
    SELECT
        b.account, p.client_id, p.employee_id, e.taxpayer_key,
        count(*) AS lines, min(b.value_on) AS first_paid_on, max(b.value_on) AS last_paid_on
    FROM employee AS e
    INNER JOIN (
        bank_line AS b
        INNER JOIN payslip AS p ON p.payslip_id = b.payslip_id
    ) ON e.employee_id = p.employee_id
    WHERE b.value_on BETWEEN $period_start AND $period_end
    GROUP BY b.account, p.client_id, p.employee_id, e.taxpayer_key
),
compared AS (
    SELECT
        account, client_id, employee_id, lines, first_paid_on, last_paid_on,
        min(taxpayer_key) OVER (PARTITION BY account) AS one_person,
        max(taxpayer_key) OVER (PARTITION BY account) AS other_person
    FROM paid
)
SELECT account, client_id, employee_id, lines, first_paid_on, last_paid_on
FROM compared
WHERE one_person <> other_person
