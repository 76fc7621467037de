SELECT distribution_id, participant_id, kind, amount, vested_balance, currency, paid_on
FROM distribution
WHERE paid_on BETWEEN $period_start AND $period_end
  AND (
    amount > vested_balance
    OR (kind = 'loan' AND (amount > $loan_maximum OR amount * 2 > vested_balance))
  )
