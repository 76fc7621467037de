SELECT x.review_id, x.grant_id
FROM decision x JOIN deadline d ON d.d = local_day(x.decided_at) AND d.n = 5 LEFT JOIN grant_ g ON g.grant_id = x.grant_id
WHERE x.decision = 'remove' AND in_period(d.due)
  AND NOT coalesce(local_day(x.removed_at) <= d.due AND local_day(g.revoked_at) <= d.due, false)
