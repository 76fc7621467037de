SELECT DISTINCT access_key_id, _extracted_on AS seen_on, _extracted_on AS occurred_on
FROM access_key_history
WHERE _extracted_on BETWEEN $period_start AND $period_end
  AND is_active
