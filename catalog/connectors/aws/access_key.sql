SELECT
  key_id AS access_key_id,
  user_arn AS account_id,
  status = 'Active' AS is_active,
  created_at,
  CAST(NULL AS timestamptz) AS last_used_at
FROM aws_access_key
