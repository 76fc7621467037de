SELECT incident_id FROM incident
WHERE in_period(local_day(detected_at)) AND severity IN ('sev1', 'sev2')
  AND NOT coalesce(acknowledged_at <= detected_at + CASE severity WHEN 'sev1' THEN INTERVAL 15 MINUTE ELSE INTERVAL 60 MINUTE END, false)
