SELECT t.id AS deposit_id
FROM tax_deposit t JOIN pay_run r ON r.id = t.pay_run_id JOIN deadline d ON d.d = r.pay_on AND d.n = 3
WHERE in_period(r.pay_on) AND d.due <= period_end() AND NOT coalesce(t.deposited_on <= d.due, false)
