SELECT DISTINCT repository_id, _extracted_on AS seen_on, name
FROM repository_history
WHERE _extracted_on BETWEEN $period_start AND $period_end
  AND NOT is_archived
  AND scans_secrets IS NOT TRUE
