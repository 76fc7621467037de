SELECT y.deployment_id
FROM deployment y
LEFT JOIN git_commit c ON c.commit_id = y.commit_id
LEFT JOIN change_ticket t ON t.ticket_id = c.change_ticket
LEFT JOIN deadline d ON d.d = local_day(y.deployed_at) AND d.n = 1
WHERE in_period(y.deployed_on) AND y.outcome IN ('succeeded', 'rolled_back')
  AND (t.ticket_id IS NULL
    OR lower(t.approved_by) IN (lower(t.requested_by), lower(c.author_email))
    OR (t.kind = 'normal' AND NOT coalesce(t.approved_by IS NOT NULL AND t.approved_at <= y.deployed_at, false))
    OR (t.kind = 'emergency' AND d.due <= period_end() AND NOT coalesce(t.approved_by IS NOT NULL AND local_day(t.approved_at) <= d.due, false)))
