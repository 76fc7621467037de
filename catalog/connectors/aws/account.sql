-- The ARN names a user among all accounts. A user without a password signs in with keys alone: a program. The second factor of a program is none, so only users with a
-- password are human here. The root user is an account of its own; the report says nothing of its password.
SELECT
  arn AS account_id,
  CAST(NULL AS text) AS person_id,
  CAST(NULL AS text) AS email,
  CASE WHEN password_enabled OR user_name = '<root_account>' THEN 'human' ELSE 'service' END AS kind,
  CASE WHEN password_enabled OR key_1_active OR key_2_active OR user_name = '<root_account>' THEN 'active' ELSE 'disabled' END AS status,
  CAST(NULL AS boolean) AS is_admin,
  mfa_active AS mfa,
  created_at,
  CAST(NULL AS timestamptz) AS disabled_at,
  password_last_used_at AS last_login_at
FROM aws_iam_credential
