-- The first transaction with a request key is the right one; each later one is the request once more.
WITH numbered AS (
  SELECT
    sale_id, merchant_id, request_key, kind, amount, currency, captured_at, processed_on,
    row_number() OVER (PARTITION BY merchant_id, request_key ORDER BY captured_at, sale_id) AS turn
  FROM sale
)
SELECT sale_id, merchant_id, request_key, kind, amount, currency, captured_at
FROM numbered
WHERE processed_on BETWEEN $period_start AND $period_end
  AND turn > 1
