SELECT p.id AS payslip_id
FROM payslip p JOIN pay_run r ON r.id = p.pay_run_id
WHERE in_period(r.pay_on)
  AND (p.employee_id, r.period_end_on) IN (
    SELECT (q.employee_id, s.period_end_on) FROM payslip q JOIN pay_run s ON s.id = q.pay_run_id GROUP BY q.employee_id, s.period_end_on HAVING count(*) > 1)
