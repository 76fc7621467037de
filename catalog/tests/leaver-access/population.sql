SELECT a.account_id, local_date(p.ended_at, $zone) AS occurred_on
FROM account AS a
INNER JOIN person AS p ON p.person_id = a.person_id
WHERE a.kind = 'human'
  AND local_date(p.ended_at, $zone) BETWEEN $period_start AND $period_end
