-- Without a request or without an approver nobody of the department approved, so that one predicate finds all three.
WITH department AS (
    SELECT DISTINCT lower(email) AS email
    FROM person
    WHERE department = $department
)
SELECT
    g.grant_id, g.account_id, g.system, g.role, g.granted_at, g.request_id,
    q.approved_by, q.approved_at, o.email AS account_owner
FROM access_grant AS g
LEFT JOIN access_request AS q ON q.request_id = g.request_id
LEFT JOIN department AS d ON d.email = lower(q.approved_by)
LEFT JOIN account AS a ON a.account_id = g.account_id
LEFT JOIN person AS o ON o.person_id = a.person_id
WHERE g.privileged
  AND local_date(g.granted_at, $zone) BETWEEN $period_start AND $period_end
  AND (
    d.email IS NULL
    OR q.approved_at IS NULL
    OR q.approved_at > g.granted_at
    OR lower(q.approved_by) = lower(o.email)
  )
