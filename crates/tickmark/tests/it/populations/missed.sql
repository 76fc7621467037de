SELECT job, scheduled_at
FROM scheduled_job
WHERE status = 'missed' AND scheduled_on BETWEEN $period_start AND $period_end
