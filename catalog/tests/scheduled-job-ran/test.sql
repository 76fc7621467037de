-- 60 minutes: the operations standard counts a later start as a failure that needs a ticket.
SELECT job, scheduled_at, status, started_at, finished_at
FROM scheduled_job
WHERE scheduled_on BETWEEN $period_start AND $period_end
  AND ticket_id IS NULL
  AND (
    (status IS DISTINCT FROM 'succeeded')
    OR started_at IS NULL
    OR started_at > scheduled_at + INTERVAL '60 minutes'
  )
