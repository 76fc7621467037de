SELECT file_id, received_on AS occurred_on
FROM time_import
WHERE received_on BETWEEN $period_start AND $period_end
