SELECT claim_id, plan_id, paid, currency, examined_by, released_by, second_releaser, released_at
FROM claim
WHERE paid_on BETWEEN $period_start AND $period_end
  AND status = 'paid'
  AND (
    released_by IS NULL
    OR second_releaser IS NULL
    OR released_by = second_releaser
    OR released_by = examined_by
    OR second_releaser = examined_by
  )
