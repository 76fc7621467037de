SELECT p.payout_id, p.merchant_id, p.account, p.amount, p.currency, p.released_at
FROM payout AS p
WHERE p.paid_on BETWEEN $period_start AND $period_end
  AND NOT EXISTS (
    SELECT 1 FROM merchant_account AS a
    WHERE a.merchant_id = p.merchant_id
      AND a.account = p.account
      AND a.verified_by <> a.changed_by
      AND a.verified_at <= p.released_at
  )
