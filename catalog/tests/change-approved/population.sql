SELECT deployment_id, deployed_on AS occurred_on
FROM deployment
WHERE deployed_on BETWEEN $period_start AND $period_end
  AND outcome <> 'failed'
