SELECT DISTINCT account_id, _extracted_on AS seen_on
FROM cloud_account_history
WHERE _extracted_on BETWEEN $period_start AND $period_end
  AND root_has_mfa IS NOT TRUE
