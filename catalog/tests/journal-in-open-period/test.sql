SELECT l.line_id, l.entry_id, l.client_id, l.accounting_on, l.posted_at, p.closed_at
FROM journal_line AS l
INNER JOIN accounting_period AS p
  ON p.client_id = l.client_id AND l.accounting_on BETWEEN p.first_on AND p.last_on
WHERE l.posted_on BETWEEN $period_start AND $period_end
  AND l.posted_at > p.closed_at
