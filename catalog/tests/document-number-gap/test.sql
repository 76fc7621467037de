WITH numbered AS (
  SELECT
    document_id, client_id, series, number, issued_on,
    lag(number) OVER (PARTITION BY client_id, series ORDER BY number, document_id) AS number_before
  FROM numbered_document
)
SELECT document_id, client_id, series, number_before, number, issued_on
FROM numbered
WHERE issued_on BETWEEN $period_start AND $period_end
  AND number <> coalesce(number_before, 0) + 1
