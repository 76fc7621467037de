SELECT
    file_id, client_id, run_id, received_on,
    records_sent, records_loaded, records_rejected, hours_sent, hours_loaded, hours_rejected
FROM time_import
WHERE received_on BETWEEN $period_start AND $period_end
  AND (
    (records_sent IS DISTINCT FROM records_loaded + records_rejected)
    OR (hours_sent IS DISTINCT FROM hours_loaded + hours_rejected)
  )
