SELECT review_id, system, quarter, due_on, completed_on, reviewer
FROM access_review
WHERE due_on BETWEEN $period_start AND $period_end
  AND due_on <= $on
  AND (completed_on IS NULL OR completed_on > due_on)
