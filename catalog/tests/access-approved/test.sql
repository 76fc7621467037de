-- A grant without a request, or whose request is not on file, has nothing to agree with and so is returned.
SELECT
    g.grant_id, g.account_id, g.system, g.role, g.granted_by, g.granted_at, g.request_id,
    q.account_id AS account_requested, q.system AS system_requested, q.role AS role_requested,
    q.requested_by, q.approved_by, q.approved_at
FROM access_grant AS g
LEFT JOIN access_request AS q ON q.request_id = g.request_id
WHERE local_date(g.granted_at, $zone) BETWEEN $period_start AND $period_end
  AND (
    (q.account_id IS DISTINCT FROM g.account_id)
    OR (q.system IS DISTINCT FROM g.system)
    OR (q.role IS DISTINCT FROM g.role)
    OR q.approved_by IS NULL
    OR q.approved_at IS NULL
    OR q.approved_at > g.granted_at
    OR lower(q.approved_by) = lower(q.requested_by)
  )
