SELECT credit_id, invoice_id, customer_id, kind, amount, currency, entered_by, approved_by, approved_at, posted_at
FROM customer_credit
WHERE posted_on BETWEEN $period_start AND $period_end
  AND (kind = 'write-off' OR amount > $limit)
  AND (
    approved_by IS NULL
    OR approved_by = entered_by
    OR approved_at IS NULL
    OR approved_at > posted_at
  )
