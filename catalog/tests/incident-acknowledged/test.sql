WITH severe AS (
    SELECT
        incident_id, severity, kind, detected_at, acknowledged_at,
        detected_at + CAST(CASE severity WHEN 'sev1' THEN $sev1_minutes ELSE $sev2_minutes END || ' minutes' AS interval) AS acknowledge_by
    FROM incident
    WHERE severity IN ('sev1', 'sev2')
)
SELECT incident_id, severity, kind, detected_at, acknowledge_by, acknowledged_at
FROM severe
WHERE local_date(acknowledge_by, $zone) BETWEEN $period_start AND $period_end
  AND acknowledge_by <= end_of_day($on, $zone)
  AND (acknowledged_at IS NULL OR acknowledged_at > acknowledge_by)
