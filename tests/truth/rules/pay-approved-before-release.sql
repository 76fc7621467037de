SELECT id AS run_id FROM pay_run
WHERE in_period(pay_on) AND released_at IS NOT NULL
  AND NOT coalesce(client_approved_by IS NOT NULL AND client_approved_at BETWEEN calculated_at AND released_at, false)
