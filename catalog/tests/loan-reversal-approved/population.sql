SELECT payment_id, posted_on AS occurred_on
FROM loan_payment
WHERE posted_on BETWEEN $period_start AND $period_end
  AND (kind = 'reversal' OR effective_on < received_on)
