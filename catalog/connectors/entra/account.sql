-- The report on registrations leaves out users for whom it was not made yet: such a user has no second factor until it says so.
SELECT
  u.id AS account_id,
  u.employee_id AS person_id,
  coalesce(u.mail, u.principal_name) AS email,
  'human' AS kind,
  CASE WHEN u.is_enabled THEN 'active' ELSE 'disabled' END AS status,
  coalesce(a.roles, 0) > 0 AS is_admin,
  coalesce(r.is_mfa_registered, false) AS mfa,
  u.created_at,
  CAST(NULL AS timestamptz) AS disabled_at,
  u.last_login_at
FROM entra_user AS u
LEFT JOIN entra_registration AS r ON r.id = u.id
LEFT JOIN (
  SELECT principal_id, count(*) AS roles FROM entra_role_assignment GROUP BY principal_id
) AS a ON a.principal_id = u.id
