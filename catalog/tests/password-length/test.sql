SELECT DISTINCT account_id, _extracted_on AS seen_on, minimum_password_length
FROM cloud_account_history
WHERE _extracted_on BETWEEN $period_start AND $period_end
  AND coalesce(minimum_password_length, 0) < $length
