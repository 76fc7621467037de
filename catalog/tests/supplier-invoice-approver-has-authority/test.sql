SELECT i.supplier_invoice_id, i.client_id, i.supplier_id, i.amount, i.currency, i.approved_by
FROM supplier_invoice AS i
WHERE i.captured_on BETWEEN $period_start AND $period_end
  AND i.status = 'paid'
  AND NOT EXISTS (
    SELECT 1 FROM approval_limit AS l
    WHERE l.person = i.approved_by
      AND l.client_id = i.client_id
      AND l.currency = i.currency
      AND l.limit_amount >= i.amount
  )
