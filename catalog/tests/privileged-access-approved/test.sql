-- Departments change and accounts change hands, so both are read as they were: the department on the day of the approval, the
-- holder in the newest export up to the day of the grant, or in the first one if the account is younger than that. Without a
-- request or without an approver nobody of the department approved, so that one predicate finds all three.
WITH worked AS (
    SELECT
        lower(p.email) AS email, p.person_id, p.started_on, p.ended_at, a.department, a.effective_on,
        lead(a.effective_on) OVER (PARTITION BY a.person_id ORDER BY a.effective_on) AS next_on
    FROM assignment AS a
    INNER JOIN person AS p ON p.person_id = a.person_id
),
granted AS (
    SELECT
        g.grant_id, g.account_id, g.system, g.role, g.granted_at, g.request_id, q.approved_by, q.approved_at,
        local_date(q.approved_at, $zone) AS approved_on
    FROM access_grant AS g
    LEFT JOIN access_request AS q ON q.request_id = g.request_id
    WHERE g.privileged
      AND local_date(g.granted_at, $zone) BETWEEN $period_start AND $period_end
),
seen AS (
    SELECT
        g.grant_id,
        coalesce(max(CASE WHEN h._extracted_on <= local_date(g.granted_at, $zone) THEN h._extracted_on END), min(h._extracted_on)) AS seen_on
    FROM granted AS g
    INNER JOIN account_history AS h ON h.account_id = g.account_id
    GROUP BY g.grant_id
),
holder AS (
    SELECT DISTINCT g.grant_id, h.person_id
    FROM granted AS g
    INNER JOIN seen AS s ON s.grant_id = g.grant_id
    INNER JOIN account_history AS h ON h.account_id = g.account_id AND h._extracted_on = s.seen_on
)
SELECT
    g.grant_id, g.account_id, g.system, g.role, g.granted_at, g.request_id,
    g.approved_by, g.approved_at, w.person_id AS approver, o.person_id AS holder
FROM granted AS g
LEFT JOIN worked AS w
    ON w.email = lower(g.approved_by)
    AND w.department = $department
    AND w.effective_on <= g.approved_on AND (w.next_on IS NULL OR w.next_on > g.approved_on)
    AND w.started_on <= g.approved_on AND (w.ended_at IS NULL OR w.ended_at >= g.approved_at)
LEFT JOIN holder AS o ON o.grant_id = g.grant_id
WHERE w.person_id IS NULL
   OR g.approved_at > g.granted_at
   OR w.person_id = o.person_id
