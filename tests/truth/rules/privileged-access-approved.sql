SELECT g.grant_id
FROM grant_ g
LEFT JOIN request q ON q.request_id = g.request_id
LEFT JOIN person s ON lower(s.email) = lower(q.approved_by) AND s.department = 'Security'
LEFT JOIN (SELECT * FROM account_history WHERE seen_on = period_end()) a ON a.account_id = g.account_id
LEFT JOIN person o ON o.person_id = a.person_id
WHERE g.privileged AND in_period(local_day(g.granted_at))
  AND NOT coalesce(q.approved_at <= g.granted_at AND s.person_id IS NOT NULL AND s.person_id IS DISTINCT FROM o.person_id, false)
