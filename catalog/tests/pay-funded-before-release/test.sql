SELECT run_id, client_id, pay_on, funding_expected, funding_received, funded_at, released_at
FROM pay_run
WHERE pay_on BETWEEN $period_start AND $period_end
  AND released_at IS NOT NULL
  AND (
    funding_received IS NULL
    OR funding_received < funding_expected
    OR funded_at IS NULL
    OR funded_at > released_at
  )
