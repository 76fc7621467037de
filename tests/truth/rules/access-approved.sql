SELECT g.grant_id
FROM grant_ g LEFT JOIN request q ON q.request_id = g.request_id AND q.account_id = g.account_id AND q.system = g.system AND q.role = g.role
WHERE in_period(local_day(g.granted_at))
  AND NOT coalesce(q.approved_by IS NOT NULL AND q.approved_at <= g.granted_at AND lower(q.approved_by) <> lower(q.requested_by), false)
