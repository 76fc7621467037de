-- Who worked where when the request was approved; and whose account it was in the export of that month.
WITH worked AS (
  SELECT p.person_id, lower(p.email) AS mail, a.department, a.effective_on AS since, p.started_on, p.ended_at,
         coalesce(lead(a.effective_on) OVER (PARTITION BY a.person_id ORDER BY a.effective_on), DATE '9999-01-01') AS until
  FROM assignment a JOIN person p ON p.person_id = a.person_id
)
SELECT g.grant_id
FROM grant_ g
LEFT JOIN request q ON q.request_id = g.request_id
LEFT JOIN worked s ON s.mail = lower(q.approved_by) AND s.department = 'Security' AND local_day(q.approved_at) >= s.since AND local_day(q.approved_at) < s.until
  AND local_day(q.approved_at) >= s.started_on AND coalesce(q.approved_at <= s.ended_at, true)
LEFT JOIN account_history a ON a.account_id = g.account_id AND a.seen_on = last_day(local_day(g.granted_at))
WHERE g.privileged AND in_period(local_day(g.granted_at))
  AND NOT coalesce(q.approved_at <= g.granted_at AND s.person_id IS NOT NULL AND s.person_id IS DISTINCT FROM a.person_id, false)
