SELECT claim_id, plan_id, billed, allowed, deductible, copay, coinsurance, paid, currency
FROM claim
WHERE paid_on BETWEEN $period_start AND $period_end
  AND status = 'paid'
  AND (
    paid <> allowed - deductible - copay - coinsurance
    OR allowed > billed
    OR paid < 0
  )
