-- A trail of a whole organization has the ARN of the account that made it, and is seen from each.
SELECT
  concat(a.account_id, ' ', t.arn) AS trail_id,
  a.account_id,
  t.name,
  s.is_logging,
  t.is_multi_region AS is_every_region,
  t.validates_files AS is_tamper_evident
FROM aws_trail AS t
LEFT JOIN aws_trail_status AS s ON s.arn = t.arn
CROSS JOIN aws_account AS a
