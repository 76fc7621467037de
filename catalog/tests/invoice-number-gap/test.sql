WITH numbered AS (
  SELECT
    invoice_id, series, number, customer_id, invoiced_on, total, currency,
    lag(number) OVER (PARTITION BY series ORDER BY number, invoice_id) AS number_before
  FROM invoice
)
SELECT invoice_id, series, number_before, number, invoiced_on, total, currency
FROM numbered
WHERE invoiced_on BETWEEN $period_start AND $period_end
  AND number <> coalesce(number_before, 0) + 1
