SELECT r.id AS run_id
FROM pay_run r LEFT JOIN bank_file f ON f.pay_run_id = r.id JOIN deadline d ON d.d = r.pay_on AND d.n = 1
WHERE in_period(d.due)
  AND NOT coalesce(local_day(f.acknowledged_at) <= d.due AND f.lines_accepted = f.lines_sent AND f.amount_accepted_cents = f.amount_sent_cents, false)
