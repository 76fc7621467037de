SELECT r.id AS run_id
FROM pay_run r LEFT JOIN gl_posting g ON g.pay_run_id = r.id
WHERE in_period(r.pay_on) GROUP BY r.id
HAVING count(g.id) = 0 OR sum(g.debit_cents) <> sum(g.credit_cents)
