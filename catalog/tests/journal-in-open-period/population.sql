SELECT line_id, posted_on AS occurred_on
FROM journal_line
WHERE posted_on BETWEEN $period_start AND $period_end
