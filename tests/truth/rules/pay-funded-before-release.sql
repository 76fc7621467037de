SELECT id AS run_id FROM pay_run
WHERE in_period(pay_on) AND released_at IS NOT NULL
  AND NOT coalesce(funding_received_cents >= funding_expected_cents AND funded_at <= released_at, false)
