SELECT DISTINCT account_id, _extracted_on AS seen_on, _extracted_on AS occurred_on
FROM cloud_account_history
WHERE _extracted_on BETWEEN $period_start AND $period_end
