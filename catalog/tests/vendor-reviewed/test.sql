-- The next sound review came after the due day, or never. The newest review on file is shown, sound or not.
WITH sound AS (
    SELECT vendor_id, reviewed_on
    FROM vendor_review
    WHERE reviewed_by IS NOT NULL
      AND report_period_end_on >= reviewed_on - INTERVAL '12 months'
),
started AS (
    SELECT vendor_id, onboarded_on AS started_on
    FROM vendor
    UNION
    SELECT vendor_id, reviewed_on
    FROM sound
),
due AS (
    SELECT
        v.vendor_id, v.name, v.service, v.ended_on, s.started_on,
        CAST(s.started_on + INTERVAL '12 months' AS date) AS due_on,
        lead(s.started_on) OVER (PARTITION BY s.vendor_id ORDER BY s.started_on) AS next_on
    FROM started AS s
    INNER JOIN vendor AS v ON v.vendor_id = s.vendor_id
    WHERE v.is_subservice
),
newest AS (
    SELECT vendor_id, max(reviewed_on) AS last_reviewed_on, max(report_period_end_on) AS last_report_period_end_on
    FROM vendor_review
    GROUP BY vendor_id
)
SELECT d.vendor_id, d.due_on, d.name, d.service, d.started_on, d.next_on, n.last_reviewed_on, n.last_report_period_end_on
FROM due AS d
LEFT JOIN newest AS n ON n.vendor_id = d.vendor_id
WHERE d.due_on <= $period_end
  AND (d.next_on IS NULL OR d.next_on >= $period_start)
  AND (d.ended_on IS NULL OR (d.ended_on >= d.due_on AND d.ended_on >= $period_start))
  AND d.due_on <= $on
  AND (d.next_on IS NULL OR d.next_on > d.due_on)
