-- An incident belongs to the period in which its acknowledgment falls due.
WITH severe AS (
    SELECT
        incident_id, severity, kind, detected_at, acknowledged_at,
        detected_at + CAST(CASE severity WHEN 'sev1' THEN $sev1_minutes ELSE $sev2_minutes END || ' minutes' AS interval) AS acknowledge_by
    FROM incident
    WHERE severity IN ('sev1', 'sev2')
)
SELECT incident_id, local_date(acknowledge_by, $zone) AS occurred_on
FROM severe
WHERE local_date(acknowledge_by, $zone) BETWEEN $period_start AND $period_end
