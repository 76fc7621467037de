SELECT DISTINCT trail_id, _extracted_on AS seen_on, account_id, name
FROM audit_trail_history
WHERE _extracted_on BETWEEN $period_start AND $period_end
  AND is_tamper_evident IS NOT TRUE
