-- A job that failed may be tried again the same day; one that started after midnight belongs to no day but the next.
WITH digit AS (
    SELECT v.n
    FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS v(n)
),
day AS (
    SELECT $period_start + (a.n + 10 * b.n + 100 * c.n + 1000 * d.n) AS scheduled_on
    FROM digit AS a CROSS JOIN digit AS b CROSS JOIN digit AS c CROSS JOIN digit AS d
),
attempt AS (
    SELECT system, scheduled_on, count(*) AS jobs, min(status) AS first_status, max(started_at) AS last_started_at
    FROM backup_job
    GROUP BY system, scheduled_on
)
SELECT s.system, y.scheduled_on, coalesce(t.jobs, 0) AS jobs, t.first_status, t.last_started_at
FROM system AS s CROSS JOIN day AS y
LEFT JOIN attempt AS t ON t.system = s.system AND t.scheduled_on = y.scheduled_on
WHERE s.backed_up
  AND s.in_service_on <= y.scheduled_on
  AND (s.retired_on IS NULL OR s.retired_on >= y.scheduled_on)
  AND y.scheduled_on <= $period_end
  AND y.scheduled_on <= $on
  AND NOT EXISTS (
    SELECT 1
    FROM backup_job AS j
    WHERE j.system = s.system
      AND j.scheduled_on = y.scheduled_on
      AND j.status = 'succeeded'
      AND local_date(j.started_at, $zone) = j.scheduled_on
  )
