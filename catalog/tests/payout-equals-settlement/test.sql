WITH paid AS (
  SELECT settlement_id, currency, CAST(sum(amount) AS decimal(18, 2)) AS amount
  FROM payout
  GROUP BY settlement_id, currency
)
SELECT t.settlement_id, t.merchant_id, t.settled_on, t.net, p.amount AS paid
FROM settlement AS t
LEFT JOIN paid AS p ON p.settlement_id = t.settlement_id AND p.currency = t.currency
WHERE t.settled_on BETWEEN $period_start AND $period_end
  AND greatest(t.net, 0) <> coalesce(p.amount, 0)
