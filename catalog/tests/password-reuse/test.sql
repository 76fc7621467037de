SELECT DISTINCT account_id, _extracted_on AS seen_on, passwords_remembered
FROM cloud_account_history
WHERE _extracted_on BETWEEN $period_start AND $period_end
  AND coalesce(passwords_remembered, 0) < $earlier
