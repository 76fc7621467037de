SELECT payment_id, loan_id, amount, interest, principal, escrow, fees, unapplied, interest_due
FROM loan_payment
WHERE posted_on BETWEEN $period_start AND $period_end
  AND kind = 'payment'
  AND (
    amount <> interest + principal + escrow + fees + unapplied
    OR (interest < interest_due AND principal + escrow + fees > 0)
  )
