SELECT system FROM backup_job WHERE scheduled_on BETWEEN $period_start AND $period_end
