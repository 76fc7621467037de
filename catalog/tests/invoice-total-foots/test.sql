WITH line AS (
  SELECT invoice_id, currency, CAST(sum(amount) AS decimal(18, 2)) AS amount
  FROM invoice_line
  GROUP BY invoice_id, currency
)
SELECT i.invoice_id, i.series, i.number, i.net, l.amount AS lines, i.tax, i.total, i.currency
FROM invoice AS i
LEFT JOIN line AS l ON l.invoice_id = i.invoice_id AND l.currency = i.currency
WHERE i.invoiced_on BETWEEN $period_start AND $period_end
  AND (
    i.net <> coalesce(l.amount, 0)
    OR i.total <> i.net + i.tax
  )
