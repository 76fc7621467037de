SELECT a.account_id
FROM account_history a JOIN person p ON p.person_id = a.person_id JOIN deadline d ON d.d = local_day(p.ended_at) AND d.n = 1
WHERE a.seen_on = period_end() AND a.kind = 'human' AND in_period(d.due)
  AND NOT coalesce(local_day(a.disabled_at) <= d.due, false)
