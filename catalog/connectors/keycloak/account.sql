-- Recovery codes stand in for a second factor that was lost, and are none by themselves.
SELECT
  u.id AS account_id,
  CAST(NULL AS text) AS person_id,
  coalesce(u.email, u.username) AS email,
  'human' AS kind,
  CASE WHEN u.is_enabled THEN 'active' ELSE 'disabled' END AS status,
  CAST(NULL AS boolean) AS is_admin,
  coalesce(c.factors, 0) > 0 AS mfa,
  u.created_at,
  CAST(NULL AS timestamptz) AS disabled_at,
  CAST(NULL AS timestamptz) AS last_login_at
FROM keycloak_user AS u
LEFT JOIN (
  SELECT user_id, count(*) AS factors FROM keycloak_credential
  WHERE kind IN ('otp', 'webauthn', 'webauthn-passwordless') GROUP BY user_id
) AS c ON c.user_id = u.id
