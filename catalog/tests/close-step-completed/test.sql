WITH due AS (
  SELECT
    step_id, client_id, month_end_on, step, completed_by, completed_at,
    add_business_days(month_end_on, $business_days, $calendar) AS due_on
  FROM close_step
)
SELECT step_id, client_id, month_end_on, step, due_on, completed_by, completed_at
FROM due
WHERE due_on BETWEEN $period_start AND $period_end
  AND due_on <= $on
  AND (completed_at IS NULL OR local_date(completed_at, $zone) > due_on)
