SELECT order_id, fund_id, amount, currency, entered_by, verified_by, verified_at, paid_at
FROM shareholder_order
WHERE priced_on BETWEEN $period_start AND $period_end
  AND kind = 'redemption'
  AND amount > $limit
  AND paid_at IS NOT NULL
  AND (
    verified_by IS NULL
    OR verified_by = entered_by
    OR verified_at IS NULL
    OR verified_at > paid_at
  )
