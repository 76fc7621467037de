-- A user without `active` is taken for active: RFC 7643, section 4.1.1, leaves the meaning to the product, and an account that may
-- be active is tested as one that is.
SELECT
  id AS account_id,
  external_id AS person_id,
  coalesce(email, user_name) AS email,
  'human' AS kind,
  CASE WHEN active = false THEN 'disabled' ELSE 'active' END AS status,
  CAST(NULL AS boolean) AS is_admin,
  CAST(NULL AS boolean) AS mfa,
  created_at,
  CAST(NULL AS timestamptz) AS disabled_at,
  CAST(NULL AS timestamptz) AS last_login_at
FROM scim_user
