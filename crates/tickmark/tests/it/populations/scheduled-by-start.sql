SELECT scheduled_at, job FROM scheduled_job WHERE scheduled_on BETWEEN $period_start AND $period_end
