SELECT DISTINCT device_id, _extracted_on AS seen_on, name, system, owner_email, last_seen_at
FROM device_history
WHERE _extracted_on BETWEEN $period_start AND $period_end
  AND is_managed
  AND (last_seen_at IS NULL OR local_date(last_seen_at, $zone) < _extracted_on - $days)
