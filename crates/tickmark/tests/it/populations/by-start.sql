SELECT started_at, job_id, scheduled_on AS occurred_on, system, bytes
FROM backup_job
WHERE scheduled_on BETWEEN $period_start AND $period_end
