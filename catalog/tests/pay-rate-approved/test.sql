-- A rate counts for a payslip when it was effective by the end of the pay period and approved when the run was
-- calculated (an approval without a time never compares as earlier). Of those the newest is in force: one that no later
-- rate, itself counting, overtook.
WITH slip AS (
    SELECT p.payslip_id, p.employee_id, p.rate, p.period_end_on, r.calculated_at
    FROM payslip AS p
    LEFT JOIN pay_run AS r ON r.run_id = p.run_id
    WHERE p.pay_on BETWEEN $period_start AND $period_end
),
approved AS (
    SELECT pay_rate_id, employee_id, effective_on, hourly_rate, approved_at
    FROM pay_rate
    WHERE approved_by IS NOT NULL
),
later AS (
    SELECT a.pay_rate_id, b.effective_on, b.approved_at
    FROM approved AS a
    INNER JOIN approved AS b ON b.employee_id = a.employee_id AND b.effective_on > a.effective_on
)
SELECT s.payslip_id, s.employee_id, s.rate AS rate_paid, a.hourly_rate AS rate_in_force, a.effective_on AS in_force_since
FROM slip AS s
INNER JOIN approved AS a
    ON a.employee_id = s.employee_id AND a.effective_on <= s.period_end_on AND a.approved_at <= s.calculated_at
WHERE (s.rate IS DISTINCT FROM a.hourly_rate)
  AND NOT EXISTS (
    SELECT 1
    FROM later AS l
    WHERE l.pay_rate_id = a.pay_rate_id AND l.effective_on <= s.period_end_on AND l.approved_at <= s.calculated_at
  )
UNION ALL
SELECT s.payslip_id, s.employee_id, s.rate, NULL, NULL
FROM slip AS s
WHERE NOT EXISTS (
    SELECT 1
    FROM approved AS a
    WHERE a.employee_id = s.employee_id AND a.effective_on <= s.period_end_on AND a.approved_at <= s.calculated_at
)
