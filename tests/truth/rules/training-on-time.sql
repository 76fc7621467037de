WITH due AS (
  SELECT p.person_id, p.ended_at, t.completed_on, t.person_id IS NOT NULL AS assigned, coalesce(t.assigned_on, p.started_on) + 30 AS due_on
  FROM person p LEFT JOIN training t ON t.person_id = p.person_id AND t.course = 'security-awareness'
)
SELECT person_id FROM due
WHERE in_period(due_on) AND NOT coalesce(local_day(ended_at) <= due_on, false) AND NOT coalesce(assigned AND completed_on <= due_on, false)
