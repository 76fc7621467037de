SELECT DISTINCT a.account_id, a._extracted_on AS seen_on
FROM cloud_account_history AS a
WHERE a._extracted_on BETWEEN $period_start AND $period_end
  AND NOT EXISTS (
    SELECT 1 FROM audit_trail_history AS t
    WHERE t.account_id = a.account_id
      AND t._extracted_on = a._extracted_on
      AND t.is_logging
      AND t.is_every_region
  )
