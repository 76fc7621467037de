SELECT DISTINCT repository_id, _extracted_on AS seen_on, name, default_branch
FROM repository_history
WHERE _extracted_on BETWEEN $period_start AND $period_end
  AND NOT is_archived
  AND requires_checks IS NOT TRUE
