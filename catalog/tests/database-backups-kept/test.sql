SELECT DISTINCT database_id, _extracted_on AS seen_on, engine, backup_days
FROM database_instance_history
WHERE _extracted_on BETWEEN $period_start AND $period_end
  AND coalesce(backup_days, 0) < $days
