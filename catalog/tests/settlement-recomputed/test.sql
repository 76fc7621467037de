WITH captured AS (
  SELECT
    settlement_id, currency,
    CAST(sum(CASE WHEN kind = 'sale' THEN amount END) AS decimal(18, 2)) AS sales,
    CAST(sum(CASE WHEN kind = 'refund' THEN amount END) AS decimal(18, 2)) AS refunds,
    CAST(sum(CASE WHEN kind = 'chargeback' THEN amount END) AS decimal(18, 2)) AS chargebacks
  FROM sale
  GROUP BY settlement_id, currency
)
SELECT
  t.settlement_id, t.merchant_id, t.settled_on, t.sales, c.sales AS sales_captured, t.refunds, c.refunds AS refunds_captured,
  t.chargebacks, c.chargebacks AS chargebacks_captured, t.fees, t.reserve, t.net
FROM settlement AS t
LEFT JOIN captured AS c ON c.settlement_id = t.settlement_id AND c.currency = t.currency
WHERE t.settled_on BETWEEN $period_start AND $period_end
  AND (
    t.sales <> coalesce(c.sales, 0)
    OR t.refunds <> coalesce(c.refunds, 0)
    OR t.chargebacks <> coalesce(c.chargebacks, 0)
    OR t.net <> t.sales - t.refunds - t.chargebacks - t.fees - t.reserve
  )
