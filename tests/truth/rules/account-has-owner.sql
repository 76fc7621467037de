SELECT a.account_id
FROM account_history a LEFT JOIN person p ON p.person_id = a.person_id
WHERE a.seen_on = period_end() AND a.status = 'active'
  AND (p.person_id IS NULL OR (a.kind = 'service' AND local_day(p.ended_at) <= period_end()))
