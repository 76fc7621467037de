SELECT
  a.account_id,
  m.value = 1 AS root_has_mfa,
  k.value AS root_keys,
  p.minimum_length AS minimum_password_length,
  p.reuse_prevention AS passwords_remembered
FROM aws_account AS a
CROSS JOIN aws_password_policy AS p
LEFT JOIN aws_account_summary AS m ON m.name = 'AccountMFAEnabled'
LEFT JOIN aws_account_summary AS k ON k.name = 'AccountAccessKeysPresent'
