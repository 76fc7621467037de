SELECT incident_id, local_date(detected_at, $zone) AS occurred_on
FROM incident
WHERE severity IN ('sev1', 'sev2')
  AND local_date(detected_at, $zone) BETWEEN $period_start AND $period_end
