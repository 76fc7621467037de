WITH paid AS (SELECT payslip_id, sum(amount) AS amount FROM bank_line GROUP BY payslip_id)
SELECT p.id AS payslip_id
FROM payslip p JOIN pay_run r ON r.id = p.pay_run_id LEFT JOIN paid b ON b.payslip_id = p.id
WHERE in_period(r.pay_on) AND (b.amount * 100) IS DISTINCT FROM p.net_cents
