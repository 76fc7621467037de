SELECT DISTINCT bucket_id, _extracted_on AS seen_on, account_id
FROM bucket_history
WHERE _extracted_on BETWEEN $period_start AND $period_end
  AND is_versioned IS NOT TRUE
