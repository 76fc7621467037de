-- A review is due on the last day of its quarter; the due date that the tool stored is shown and not trusted. One that was
-- entered for a quarter but completed in another says nothing about this one.
WITH digit AS (
    SELECT v.n
    FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS v(n)
),
first_day AS (
    SELECT DISTINCT CAST(date_trunc('quarter', $period_start + (a.n + 10 * b.n + 100 * c.n + 1000 * d.n)) AS date) AS first_on
    FROM digit AS a CROSS JOIN digit AS b CROSS JOIN digit AS c CROSS JOIN digit AS d
),
quarter AS (
    SELECT
        first_on,
        CAST(first_on + INTERVAL '3 months' - INTERVAL '1 day' AS date) AS last_on,
        CAST(date_part('year', first_on) AS text) || '-Q' || CAST(date_part('quarter', first_on) AS text) AS quarter
    FROM first_day
),
listed AS (
    SELECT system, quarter, count(*) AS reviews, max(due_on) AS due_on_stored, max(completed_on) AS completed_on, min(reviewer) AS reviewer
    FROM access_review
    GROUP BY system, quarter
)
SELECT s.system, q.quarter, q.last_on AS due_on, coalesce(l.reviews, 0) AS reviews, l.due_on_stored, l.completed_on, l.reviewer
FROM system AS s CROSS JOIN quarter AS q
LEFT JOIN listed AS l ON l.system = s.system AND l.quarter = q.quarter
WHERE s.access_reviewed
  AND s.in_service_on <= q.first_on
  AND (s.retired_on IS NULL OR s.retired_on >= q.last_on)
  AND q.last_on BETWEEN $period_start AND $period_end
  AND q.last_on <= $on
  AND NOT EXISTS (
    SELECT 1
    FROM access_review AS r
    WHERE r.system = s.system
      AND r.quarter = q.quarter
      AND r.completed_on BETWEEN q.first_on AND q.last_on
  )
