SELECT payout_id, file_id, merchant_id, amount, currency, released_by, second_releaser, released_at
FROM payout
WHERE paid_on BETWEEN $period_start AND $period_end
  AND (released_by IS NULL OR second_releaser IS NULL OR released_by = second_releaser)
