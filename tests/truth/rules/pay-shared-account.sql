WITH paid AS (
  SELECT DISTINCT p.id, p.employee_id, r.client_id, r.pay_on, b.account
  FROM bank_line b JOIN payslip p ON p.id = b.payslip_id JOIN pay_run r ON r.id = p.pay_run_id WHERE in_period(r.pay_on)
), shared AS (
  SELECT client_id, pay_on, account FROM paid GROUP BY ALL HAVING count(DISTINCT employee_id) > 1
)
SELECT id AS payslip_id FROM paid SEMI JOIN shared USING (client_id, pay_on, account)
