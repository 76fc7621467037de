-- A decision belongs to the period in which the removal falls due.
SELECT review_id, grant_id, add_business_days(local_date(decided_at, $zone), $business_days, $calendar) AS occurred_on
FROM access_review_item
WHERE decision = 'remove'
  AND add_business_days(local_date(decided_at, $zone), $business_days, $calendar) BETWEEN $period_start AND $period_end
