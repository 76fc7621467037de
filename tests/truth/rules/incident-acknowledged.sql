WITH severe AS (
  SELECT *, detected_at + CASE severity WHEN 'sev1' THEN INTERVAL 15 MINUTE WHEN 'sev2' THEN INTERVAL 60 MINUTE END AS due_at FROM incident
)
SELECT incident_id FROM severe WHERE in_period(local_day(due_at)) AND NOT coalesce(acknowledged_at <= due_at, false)
