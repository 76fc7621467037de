SELECT file_id, received_on AS occurred_on
FROM contribution_file
WHERE received_on BETWEEN $period_start AND $period_end
  AND posted_on IS NOT NULL
