-- No commit, no ticket named and no such ticket all mean: no approver. They count from the deployment itself.
WITH deployed AS (
    SELECT
        d.deployment_id, d.repository, d.commit_id, d.deployed_at, d.deployed_by,
        c.author_email, c.change_ticket, t.kind, t.requested_by, t.approved_by, t.approved_at,
        CASE
            WHEN t.kind = 'emergency'
            THEN end_of_day(add_business_days(local_date(d.deployed_at, $zone), $emergency_business_days, $calendar), $zone)
            ELSE d.deployed_at
        END AS approve_by
    FROM deployment AS d
    LEFT JOIN git_commit AS c ON c.repository = d.repository AND c.commit_id = d.commit_id
    LEFT JOIN change_ticket AS t ON t.ticket_id = c.change_ticket
    WHERE d.outcome <> 'failed'
)
SELECT
    deployment_id, repository, commit_id, deployed_at, deployed_by,
    change_ticket, kind, requested_by, author_email, approved_by, approved_at, approve_by
FROM deployed
WHERE local_date(approve_by, $zone) BETWEEN $period_start AND $period_end
  AND (
    (
      approve_by <= end_of_day($on, $zone)
      AND (approved_by IS NULL OR approved_at IS NULL OR approved_at > approve_by)
    )
    OR lower(approved_by) = lower(requested_by)
    OR lower(approved_by) = lower(author_email)
  )
