-- Every payslip of a shared account is returned: which of them is wrong only a person can tell.
WITH paid AS (
    SELECT p.payslip_id, p.employee_id, p.client_id, p.pay_on, b.account
    FROM payslip AS p
    INNER JOIN bank_line AS b ON b.payslip_id = p.payslip_id
    WHERE p.pay_on BETWEEN $period_start AND $period_end
),
shared AS (
    SELECT client_id, pay_on, account
    FROM paid
    GROUP BY client_id, pay_on, account
    HAVING min(employee_id) <> max(employee_id)
)
SELECT p.payslip_id, p.employee_id, p.client_id, p.pay_on, min(p.account) AS account
FROM paid AS p
INNER JOIN shared AS s ON s.client_id = p.client_id AND s.pay_on = p.pay_on AND s.account = p.account
GROUP BY p.payslip_id, p.employee_id, p.client_id, p.pay_on
