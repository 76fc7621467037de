SELECT DISTINCT rule_id, _extracted_on AS seen_on, group_id, protocol, first_port, last_port, network
FROM network_rule_history
WHERE _extracted_on BETWEEN $period_start AND $period_end
  AND NOT is_outbound
  AND network IN ('0.0.0.0/0', '::/0')
  AND protocol IN ('tcp', 'udp', 'all')
  AND coalesce(first_port, 0) <= 1
  AND coalesce(last_port, 65535) >= 65535
