SELECT y.deployment_id
FROM deployment y LEFT JOIN git_commit c ON c.commit_id = y.commit_id
WHERE in_period(y.deployed_on) AND y.outcome IN ('succeeded', 'rolled_back') AND c.on_main IS DISTINCT FROM true
