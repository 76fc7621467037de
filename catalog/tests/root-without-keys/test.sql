SELECT DISTINCT account_id, _extracted_on AS seen_on, root_keys
FROM cloud_account_history
WHERE _extracted_on BETWEEN $period_start AND $period_end
  AND coalesce(root_keys, 1) > 0
