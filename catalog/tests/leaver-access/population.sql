-- An account belongs to the period in which it has to be disabled, whether it was or not.
SELECT a.account_id, add_business_days(local_date(p.ended_at, $zone), $business_days, $calendar) AS occurred_on
FROM account AS a
INNER JOIN person AS p ON p.person_id = a.person_id
WHERE a.kind = 'human'
  AND add_business_days(local_date(p.ended_at, $zone), $business_days, $calendar) BETWEEN $period_start AND $period_end
