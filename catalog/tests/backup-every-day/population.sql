-- The days are counted out, not taken from the jobs, so that a day without any job is an item like every other.
WITH digit AS (
    SELECT v.n
    FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS v(n)
),
day AS (
    SELECT $period_start + (a.n + 10 * b.n + 100 * c.n + 1000 * d.n) AS scheduled_on
    FROM digit AS a CROSS JOIN digit AS b CROSS JOIN digit AS c CROSS JOIN digit AS d
)
SELECT s.system, y.scheduled_on, y.scheduled_on AS occurred_on
FROM system AS s CROSS JOIN day AS y
WHERE s.backed_up
  AND s.in_service_on <= y.scheduled_on
  AND (s.retired_on IS NULL OR s.retired_on >= y.scheduled_on)
  AND y.scheduled_on <= $period_end
  AND y.scheduled_on <= $on
