SELECT s.system, CAST(day.d AS DATE) AS scheduled_on
FROM system s CROSS JOIN (SELECT unnest(generate_series(period_start(), period_end(), INTERVAL 1 DAY)) AS d) day
WHERE s.backed_up AND CAST(day.d AS DATE) BETWEEN s.in_service_on AND coalesce(s.retired_on, DATE '9999-01-01') AND NOT EXISTS (
  SELECT 1 FROM backup_job j
  WHERE j.system = s.system AND j.scheduled_on = CAST(day.d AS DATE) AND j.status = 'succeeded' AND local_day(j.started_at) = CAST(day.d AS DATE))
