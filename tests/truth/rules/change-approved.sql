SELECT y.deployment_id
FROM deployment y
LEFT JOIN git_commit c ON c.commit_id = y.commit_id
LEFT JOIN change_ticket t ON t.ticket_id = c.change_ticket
LEFT JOIN deadline d ON d.d = local_day(y.deployed_at) AND d.n = 1
WHERE y.outcome IN ('succeeded', 'rolled_back') AND in_period(CASE WHEN t.kind = 'emergency' THEN d.due ELSE y.deployed_on END)
  AND (t.ticket_id IS NULL
    OR lower(t.approved_by) IN (lower(t.requested_by), lower(c.author_email))
    OR t.approved_by IS NULL
    OR NOT coalesce(CASE t.kind WHEN 'normal' THEN t.approved_at <= y.deployed_at WHEN 'emergency' THEN local_day(t.approved_at) <= d.due END, false))
