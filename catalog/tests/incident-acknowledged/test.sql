-- 15 and 60 minutes: the incident response plan's targets for severity 1 and 2.
WITH severe AS (
    SELECT
        incident_id, severity, kind, detected_at, acknowledged_at,
        CASE severity
            WHEN 'sev1' THEN detected_at + INTERVAL '15 minutes'
            ELSE detected_at + INTERVAL '60 minutes'
        END AS acknowledge_by
    FROM incident
    WHERE severity IN ('sev1', 'sev2')
      AND local_date(detected_at, $zone) BETWEEN $period_start AND $period_end
)
SELECT incident_id, severity, kind, detected_at, acknowledge_by, acknowledged_at
FROM severe
WHERE acknowledge_by <= end_of_day($on, $zone)
  AND (acknowledged_at IS NULL OR acknowledged_at > acknowledge_by)
