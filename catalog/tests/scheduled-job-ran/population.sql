SELECT job, scheduled_at, scheduled_on AS occurred_on
FROM scheduled_job
WHERE scheduled_on BETWEEN $period_start AND $period_end
