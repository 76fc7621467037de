SELECT payment_id, posted_on AS occurred_on
FROM loan_payment
WHERE posted_on BETWEEN $period_start AND $period_end
  AND kind = 'payment' 
