WITH approved AS (
  SELECT
    customer_id, product, effective_on, unit_price, currency,
    lead(effective_on) OVER (PARTITION BY customer_id, product, currency ORDER BY effective_on) AS next_on
  FROM price
  WHERE approved_by <> entered_by
)
SELECT l.line_id, l.invoice_id, l.customer_id, l.product, l.quantity, l.unit_price, p.unit_price AS unit_price_approved, l.amount
FROM approved AS p
RIGHT JOIN invoice_line AS l
  ON p.customer_id = l.customer_id AND p.product = l.product AND p.currency = l.currency
  AND p.effective_on <= l.invoiced_on AND (p.next_on > l.invoiced_on OR p.next_on IS NULL)
WHERE l.invoiced_on BETWEEN $period_start AND $period_end
  AND (
    (l.unit_price IS DISTINCT FROM p.unit_price)
    OR l.amount <> CAST(round_half_up(l.quantity * l.unit_price, 2) AS decimal(18, 2))
  )
