SELECT supplier_invoice_id, client_id, supplier_id, amount, currency, entered_by, approved_by, captured_at, approved_at
FROM supplier_invoice
WHERE captured_on BETWEEN $period_start AND $period_end
  AND status = 'paid'
  AND (
    approved_by IS NULL
    OR approved_by = entered_by
    OR approved_at IS NULL
    OR approved_at < captured_at
  )
