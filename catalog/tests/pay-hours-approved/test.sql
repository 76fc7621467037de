-- An entry without an approver or without a time of approval compares as unknown and so does not count as approved.
WITH approved AS (
    SELECT t.run_id, t.employee_id, sum(t.hours_regular) AS hours_regular, sum(t.hours_overtime) AS hours_overtime
    FROM time_entry AS t
    INNER JOIN pay_run AS r ON r.run_id = t.run_id
    WHERE t.approved_at <= r.calculated_at
      AND lower(t.approved_by) <> lower(t.entered_by)
    GROUP BY t.run_id, t.employee_id
)
SELECT
    p.payslip_id, p.employee_id, p.run_id,
    p.hours_regular, a.hours_regular AS hours_regular_approved,
    p.hours_overtime, a.hours_overtime AS hours_overtime_approved
FROM payslip AS p
LEFT JOIN approved AS a ON a.run_id = p.run_id AND a.employee_id = p.employee_id
WHERE p.pay_on BETWEEN $period_start AND $period_end
  AND ((p.hours_regular IS DISTINCT FROM a.hours_regular) OR (p.hours_overtime IS DISTINCT FROM a.hours_overtime))
