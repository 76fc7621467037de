-- A commit that the repository does not have is not on its default branch either.
SELECT d.deployment_id, d.repository, d.commit_id, d.deployed_at, d.deployed_by, c.author_email, c.on_default_branch
FROM deployment AS d
LEFT JOIN git_commit AS c ON c.repository = d.repository AND c.commit_id = d.commit_id
WHERE d.deployed_on BETWEEN $period_start AND $period_end
  AND d.outcome <> 'failed'
  AND c.on_default_branch IS NOT TRUE
