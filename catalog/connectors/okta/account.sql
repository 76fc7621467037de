-- Who can sign in, or could after a new password, has an active account. A security question is something that a person knows, as the
-- password is, and no second factor.
SELECT
  u.id AS account_id,
  u.employee_number AS person_id,
  u.email,
  'human' AS kind,
  CASE WHEN u.status IN ('ACTIVE', 'PASSWORD_EXPIRED', 'LOCKED_OUT', 'RECOVERY', 'PROVISIONED') THEN 'active' ELSE 'disabled' END AS status,
  coalesce(r.roles, 0) > 0 AS is_admin,
  coalesce(f.factors, 0) > 0 AS mfa,
  u.created_at,
  CASE WHEN u.status IN ('SUSPENDED', 'DEPROVISIONED') THEN u.status_changed_at END AS disabled_at,
  u.last_login_at
FROM okta_user AS u
LEFT JOIN (
  SELECT user_id, count(*) AS factors FROM okta_factor
  WHERE status = 'ACTIVE' AND factor_type <> 'question' GROUP BY user_id
) AS f ON f.user_id = u.id
LEFT JOIN (
  SELECT user_id, count(*) AS roles FROM okta_user_role WHERE status = 'ACTIVE' GROUP BY user_id
) AS r ON r.user_id = u.id
