WITH posted AS (
  SELECT file_id, currency, CAST(sum(amount) AS decimal(18, 2)) AS amount
  FROM contribution
  GROUP BY file_id, currency
)
SELECT f.file_id, f.plan_id, f.total, f.cash_received, f.cash_received_on, f.posted_on, p.amount AS posted
FROM contribution_file AS f
LEFT JOIN posted AS p ON p.file_id = f.file_id AND p.currency = f.currency
WHERE f.received_on BETWEEN $period_start AND $period_end
  AND f.posted_on IS NOT NULL
  AND (
    f.total <> coalesce(p.amount, 0)
    OR f.total <> coalesce(f.cash_received, 0)
    OR f.cash_received_on IS NULL
    OR f.cash_received_on > f.posted_on
  )
