-- A final pay weeks after the last day is right as long as some day of the pay period was worked. A payslip without a
-- known employee or run cannot be judged, and so is returned.
SELECT p.payslip_id, p.employee_id, p.run_id, r.period_start_on, e.terminated_on, p.net
FROM payslip AS p
LEFT JOIN employee AS e ON e.employee_id = p.employee_id
LEFT JOIN pay_run AS r ON r.run_id = p.run_id
WHERE p.pay_on BETWEEN $period_start AND $period_end
  AND (e.employee_id IS NULL OR r.run_id IS NULL OR e.terminated_on < r.period_start_on)
