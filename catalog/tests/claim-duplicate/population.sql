SELECT claim_id, paid_on AS occurred_on
FROM claim
WHERE paid_on BETWEEN $period_start AND $period_end
  AND status = 'paid' 
