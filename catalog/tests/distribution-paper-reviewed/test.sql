SELECT distribution_id, participant_id, kind, amount, currency, entered_by, reviewed_by, reviewed_at, paid_at
FROM distribution
WHERE paid_on BETWEEN $period_start AND $period_end
  AND channel = 'paper'
  AND (
    reviewed_by IS NULL
    OR entered_by IS NULL
    OR reviewed_by = entered_by
    OR reviewed_at IS NULL
    OR reviewed_at > paid_at
  )
