-- AWS writes -1 for every protocol and for every port.
SELECT
  rule_id,
  group_id,
  is_egress AS is_outbound,
  CASE WHEN protocol = '-1' THEN 'all' ELSE protocol END AS protocol,
  CASE WHEN from_port >= 0 THEN from_port END AS first_port,
  CASE WHEN to_port >= 0 THEN to_port END AS last_port,
  coalesce(ipv4, ipv6) AS network
FROM aws_security_group_rule
