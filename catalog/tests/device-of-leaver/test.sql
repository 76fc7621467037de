SELECT DISTINCT d.device_id, d._extracted_on AS seen_on, d.name, p.person_id, p.ended_at
FROM device_history AS d
INNER JOIN person AS p ON lower(p.email) = lower(d.owner_email)
WHERE d._extracted_on BETWEEN $period_start AND $period_end
  AND d.is_managed
  AND add_business_days(local_date(p.ended_at, $zone), $business_days, $calendar) < d._extracted_on
