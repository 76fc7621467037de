WITH approved AS (
  SELECT t.pay_run_id, e.employee_id, sum(e.regular_hundredths) AS regular, sum(e.overtime_hundredths) AS overtime
  FROM time_entry e
  JOIN time_import t ON t.id = e.time_import_id
  JOIN pay_run r ON r.id = t.pay_run_id
  JOIN app_user u ON u.id = e.entered_by
  JOIN app_user a ON a.id = e.approved_by
  WHERE e.approved_at <= r.calculated_at AND lower(u.login) <> lower(a.login)
  GROUP BY ALL
)
SELECT p.id AS payslip_id
FROM payslip p JOIN pay_run r ON r.id = p.pay_run_id
LEFT JOIN approved h ON h.pay_run_id = p.pay_run_id AND h.employee_id = p.employee_id
WHERE in_period(r.pay_on) AND (h.regular IS DISTINCT FROM p.regular_hundredths OR h.overtime IS DISTINCT FROM p.overtime_hundredths)
