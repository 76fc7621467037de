-- A change belongs to the period in which its approval falls due: on the day of its deployment, an emergency change's later.
SELECT
    d.deployment_id,
    CASE
        WHEN t.kind = 'emergency' THEN add_business_days(local_date(d.deployed_at, $zone), $emergency_business_days, $calendar)
        ELSE local_date(d.deployed_at, $zone)
    END AS occurred_on
FROM deployment AS d
LEFT JOIN git_commit AS c ON c.repository = d.repository AND c.commit_id = d.commit_id
LEFT JOIN change_ticket AS t ON t.ticket_id = c.change_ticket
WHERE d.outcome <> 'failed'
  AND CASE
        WHEN t.kind = 'emergency' THEN add_business_days(local_date(d.deployed_at, $zone), $emergency_business_days, $calendar)
        ELSE local_date(d.deployed_at, $zone)
    END BETWEEN $period_start AND $period_end
