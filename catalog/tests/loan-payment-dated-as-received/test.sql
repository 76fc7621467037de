SELECT payment_id, loan_id, received_on, effective_on, posted_on, amount
FROM loan_payment
WHERE posted_on BETWEEN $period_start AND $period_end
  AND kind = 'payment'
  AND effective_on <> received_on
