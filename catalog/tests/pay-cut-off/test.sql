SELECT g.posting_id, g.run_id, g.account, r.pay_on, g.accounting_on, g.posted_at, g.posted_by
FROM gl_posting AS g
LEFT JOIN pay_run AS r ON r.run_id = g.run_id
WHERE coalesce(r.pay_on, g.accounting_on) BETWEEN $period_start AND $period_end
  AND (
    (g.accounting_on IS DISTINCT FROM r.pay_on)
    OR date_trunc('month', local_date(g.posted_at, $zone)) > date_trunc('month', g.accounting_on)
  )
