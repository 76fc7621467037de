-- A person to whom nobody assigned the course has not completed it either.
WITH due AS (
    SELECT
        p.person_id, p.kind, p.started_on, p.ended_at, t.assigned_on, t.completed_on,
        coalesce(t.assigned_on, p.started_on) + $days AS due_on
    FROM person AS p
    LEFT JOIN training AS t ON t.person_id = p.person_id AND t.course = $course
)
SELECT person_id, kind, started_on, assigned_on, due_on, completed_on
FROM due
WHERE due_on BETWEEN $period_start AND $period_end
  AND due_on <= $on
  AND (ended_at IS NULL OR local_date(ended_at, $zone) > due_on)
  AND (completed_on IS NULL OR completed_on > due_on)
