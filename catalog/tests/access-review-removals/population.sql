SELECT review_id, grant_id, local_date(decided_at, $zone) AS occurred_on
FROM access_review_item
WHERE decision = 'remove'
  AND local_date(decided_at, $zone) BETWEEN $period_start AND $period_end
