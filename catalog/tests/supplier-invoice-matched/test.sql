WITH billed AS (
  SELECT order_id, currency, CAST(sum(amount) AS decimal(18, 2)) AS amount
  FROM supplier_invoice
  WHERE status <> 'void'
  GROUP BY order_id, currency
),
received AS (
  SELECT order_id, currency, CAST(sum(amount) AS decimal(18, 2)) AS amount
  FROM goods_receipt
  GROUP BY order_id, currency
)
SELECT
  i.supplier_invoice_id, i.client_id, i.supplier_id, i.order_id, i.amount, i.currency,
  b.amount AS billed, o.amount AS ordered, r.amount AS received
FROM supplier_invoice AS i
LEFT JOIN billed AS b ON b.order_id = i.order_id AND b.currency = i.currency
LEFT JOIN purchase_order AS o ON o.order_id = i.order_id AND o.supplier_id = i.supplier_id AND o.currency = i.currency
LEFT JOIN received AS r ON r.order_id = i.order_id AND r.currency = i.currency
WHERE i.captured_on BETWEEN $period_start AND $period_end
  AND i.status = 'paid'
  AND (
    b.amount > coalesce(o.amount, 0) + $tolerance
    OR b.amount > coalesce(r.amount, 0) + $tolerance
  )
