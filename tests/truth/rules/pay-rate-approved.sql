WITH slip AS (
  SELECT p.id, p.rate_e4, p.employee_id, r.period_end_on, r.calculated_at
  FROM payslip p JOIN pay_run r ON r.id = p.pay_run_id WHERE in_period(r.pay_on)
), in_force AS (
  SELECT s.id, any_value(s.rate_e4) AS used, max_by(q.rate_e4, q.effective_on) AS rate_e4
  FROM slip s LEFT JOIN pay_rate q ON q.employee_id = s.employee_id AND q.approved_by IS NOT NULL AND q.approved_at IS NOT NULL
    AND q.effective_on <= s.period_end_on AND q.approved_at <= s.calculated_at
  GROUP BY s.id
)
SELECT id AS payslip_id FROM in_force WHERE used IS DISTINCT FROM rate_e4
