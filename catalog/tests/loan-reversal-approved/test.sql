SELECT payment_id, loan_id, kind, amount, entered_by, approved_by, approved_at, posted_at
FROM loan_payment
WHERE posted_on BETWEEN $period_start AND $period_end
  AND (kind = 'reversal' OR effective_on < received_on)
  AND (
    approved_by IS NULL
    OR approved_by = entered_by
    OR approved_at IS NULL
    OR approved_at > posted_at
  )
