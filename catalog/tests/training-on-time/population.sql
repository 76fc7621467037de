WITH due AS (
    SELECT p.person_id, p.ended_at, coalesce(t.assigned_on, p.started_on) + $days AS due_on
    FROM person AS p
    LEFT JOIN training AS t ON t.person_id = p.person_id AND t.course = $course
)
SELECT person_id, due_on AS occurred_on
FROM due
WHERE due_on BETWEEN $period_start AND $period_end
  AND (ended_at IS NULL OR local_date(ended_at, $zone) > due_on)
