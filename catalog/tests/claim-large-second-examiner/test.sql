SELECT claim_id, plan_id, paid, currency, examined_by, second_examiner, approved_at, released_at
FROM claim
WHERE paid_on BETWEEN $period_start AND $period_end
  AND status = 'paid'
  AND paid > $limit
  AND (
    second_examiner IS NULL
    OR examined_by IS NULL
    OR second_examiner = examined_by
    OR approved_at IS NULL
    OR approved_at > released_at
  )
