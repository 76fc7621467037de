-- The one captured first is the right one; each later one is the same once more.
WITH numbered AS (
  SELECT
    supplier_invoice_id, client_id, supplier_id, supplier_number, invoice_on, amount, currency, captured_on,
    row_number() OVER (
      PARTITION BY client_id, supplier_id, supplier_number, invoice_on, amount, currency
      ORDER BY captured_at, supplier_invoice_id
    ) AS turn
  FROM supplier_invoice
  WHERE status <> 'void'
)
SELECT supplier_invoice_id, client_id, supplier_id, supplier_number, invoice_on, amount, currency
FROM numbered
WHERE captured_on BETWEEN $period_start AND $period_end
  AND turn > 1
