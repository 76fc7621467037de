-- An approval older than the calculation is the approval of other figures.
SELECT run_id, client_id, pay_on, calculated_at, client_approved_by, client_approved_at, released_at
FROM pay_run
WHERE pay_on BETWEEN $period_start AND $period_end
  AND released_at IS NOT NULL
  AND (
    client_approved_by IS NULL
    OR client_approved_at IS NULL
    OR client_approved_at > released_at
    OR client_approved_at < calculated_at
  )
