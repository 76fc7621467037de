-- Each clock runs twelve months and is stopped by the next sound review. One that was stopped before the period began is none
-- of its matter, whenever it would have run out.
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
)
SELECT vendor_id, due_on, greatest(due_on, $period_start) AS occurred_on
FROM due
WHERE due_on <= $period_end
  AND (next_on IS NULL OR next_on >= $period_start)
  AND (ended_on IS NULL OR (ended_on >= due_on AND ended_on >= $period_start))
