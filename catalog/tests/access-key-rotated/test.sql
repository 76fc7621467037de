SELECT DISTINCT access_key_id, _extracted_on AS seen_on, account_id, created_at
FROM access_key_history
WHERE _extracted_on BETWEEN $period_start AND $period_end
  AND is_active
  AND local_date(created_at, $zone) < _extracted_on - $days
