SELECT DISTINCT rule_id, _extracted_on AS seen_on, _extracted_on AS occurred_on
FROM network_rule_history
WHERE _extracted_on BETWEEN $period_start AND $period_end
  AND NOT is_outbound
