SELECT review_id, due_on AS occurred_on
FROM access_review
WHERE due_on BETWEEN $period_start AND $period_end
