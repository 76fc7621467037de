WITH posted AS (
  SELECT remittance_id, currency, CAST(sum(amount) AS decimal(18, 2)) AS amount
  FROM remittance_posting
  GROUP BY remittance_id, currency
)
SELECT r.remittance_id, r.payer_id, r.total, r.deposited, p.amount AS posted, r.currency
FROM remittance AS r
LEFT JOIN posted AS p ON p.remittance_id = r.remittance_id AND p.currency = r.currency
WHERE r.received_on BETWEEN $period_start AND $period_end
  AND r.posted_on IS NOT NULL
  AND (r.total <> coalesce(r.deposited, 0) OR r.total <> coalesce(p.amount, 0))
