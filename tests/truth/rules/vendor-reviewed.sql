-- A clock runs for a year from the day a vendor came, and again from each sound review.
WITH sound AS (
  SELECT vendor_id, reviewed_on FROM vendor_review
  WHERE reviewed_by IS NOT NULL AND report_period_end_on >= reviewed_on - INTERVAL 1 YEAR
), clock AS (
  SELECT v.vendor_id, v.ended_on, c.since, CAST(c.since + INTERVAL 1 YEAR AS DATE) AS due_on,
         (SELECT min(s.reviewed_on) FROM sound s WHERE s.vendor_id = v.vendor_id AND s.reviewed_on > c.since) AS next_on
  FROM vendor v JOIN (SELECT vendor_id, onboarded_on AS since FROM vendor UNION SELECT vendor_id, reviewed_on FROM sound) c ON c.vendor_id = v.vendor_id
  WHERE v.is_subservice
)
SELECT DISTINCT vendor_id, due_on FROM clock
WHERE due_on <= period_end() AND coalesce(next_on >= period_start(), true) AND coalesce(ended_on >= greatest(due_on, period_start()), true)
  AND coalesce(next_on > due_on, true)
