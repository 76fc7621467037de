SELECT run_id, client_id, pay_on, prepared_by, released_by, second_releaser, released_at
FROM pay_run
WHERE pay_on BETWEEN $period_start AND $period_end
  AND released_at IS NOT NULL
  AND (
    released_by IS NULL
    OR second_releaser IS NULL
    OR lower(released_by) = lower(second_releaser)
    OR lower(released_by) = lower(prepared_by)
    OR lower(second_releaser) = lower(prepared_by)
  )
