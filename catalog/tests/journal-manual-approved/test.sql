SELECT line_id, entry_id, client_id, account, debit, credit, currency, posted_by, approved_by, approved_at, posted_at
FROM journal_line
WHERE posted_on BETWEEN $period_start AND $period_end
  AND source = 'manual'
  AND (
    approved_by IS NULL
    OR approved_by = posted_by
    OR approved_at IS NULL
    OR approved_at > posted_at
  )
