-- The quarters are counted out from the days of the period, so that a quarter without any test is an item like every other.
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
)
SELECT s.system, q.quarter, q.last_on AS occurred_on
FROM system AS s CROSS JOIN quarter AS q
WHERE s.backed_up
  AND s.in_service_on <= q.first_on
  AND (s.retired_on IS NULL OR s.retired_on >= q.last_on)
  AND q.last_on BETWEEN $period_start AND $period_end
  AND q.last_on <= $on
