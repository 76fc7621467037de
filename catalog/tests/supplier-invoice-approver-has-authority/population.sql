SELECT supplier_invoice_id, captured_on AS occurred_on
FROM supplier_invoice
WHERE captured_on BETWEEN $period_start AND $period_end
  AND status = 'paid'
