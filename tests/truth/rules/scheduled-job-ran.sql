SELECT job, strftime(scheduled_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS scheduled_at
FROM scheduled_job
WHERE in_period(scheduled_on) AND ticket_id IS NULL
  AND NOT coalesce(status = 'succeeded' AND started_at <= scheduled_at + INTERVAL 60 MINUTE, false)
