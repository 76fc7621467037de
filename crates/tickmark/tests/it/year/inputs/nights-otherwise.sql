-- The nights of the year, worded otherwise.
SELECT job_id, scheduled_on AS occurred_on, system, status
FROM backup_job
WHERE scheduled_on <= $period_end AND scheduled_on >= $period_start
