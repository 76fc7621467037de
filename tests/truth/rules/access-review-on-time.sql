WITH quarter_ AS (SELECT * FROM (VALUES ('2025-Q4', DATE '2025-10-01', DATE '2025-12-31'), ('2026-Q1', DATE '2026-01-01', DATE '2026-03-31'), ('2026-Q2', DATE '2026-04-01', DATE '2026-06-30'), ('2026-Q3', DATE '2026-07-01', DATE '2026-09-30')) q (quarter, first_on, last_on))
SELECT s.system, q.quarter
FROM system s JOIN quarter_ q ON s.in_service_on <= q.first_on AND coalesce(s.retired_on >= q.last_on, true)
LEFT JOIN review v ON v.system = s.system AND v.quarter = q.quarter AND v.completed_on >= q.first_on AND v.completed_on <= q.last_on
WHERE s.access_reviewed AND v.review_id IS NULL
