SELECT p.id AS payslip_id
FROM payslip p JOIN pay_run r ON r.id = p.pay_run_id JOIN employee e ON e.id = p.employee_id
WHERE in_period(r.pay_on) AND e.terminated_on < r.period_start_on
