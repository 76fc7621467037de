SELECT g.posting_id, g.accounting_on AS occurred_on
FROM gl_posting AS g
LEFT JOIN pay_run AS r ON r.run_id = g.run_id
WHERE coalesce(r.pay_on, g.accounting_on) BETWEEN $period_start AND $period_end
