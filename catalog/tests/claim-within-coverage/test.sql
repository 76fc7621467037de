SELECT c.claim_id, c.plan_id, c.member_id, c.served_on, c.paid, c.currency
FROM claim AS c
WHERE c.paid_on BETWEEN $period_start AND $period_end
  AND c.status = 'paid'
  AND NOT EXISTS (
    SELECT 1 FROM coverage AS v
    WHERE v.member_id = c.member_id
      AND v.plan_id = c.plan_id
      AND v.effective_on <= c.served_on
      AND (v.ended_on IS NULL OR v.ended_on >= c.served_on)
  )
