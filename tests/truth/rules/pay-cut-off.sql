SELECT g.id AS posting_id
FROM gl_posting g JOIN pay_run r ON r.id = g.pay_run_id
WHERE in_period(r.pay_on) AND (g.accounting_on <> r.pay_on OR date_trunc('month', local_day(g.posted_at)) > date_trunc('month', g.accounting_on))
