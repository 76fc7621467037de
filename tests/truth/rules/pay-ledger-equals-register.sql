WITH register AS (
  SELECT pay_run_id, count(*) AS slips, sum(gross_cents) AS gross, sum(federal_tax_cents + social_security_cents + medicare_cents + state_tax_cents) AS taxes,
         sum(deductions_cents) AS deductions, sum(net_cents) AS net
  FROM payslip GROUP BY pay_run_id
), ledger AS (
  SELECT pay_run_id, sum(debit_cents - credit_cents) FILTER (account = 'wages_expense') AS gross, sum(credit_cents - debit_cents) FILTER (account = 'taxes_payable') AS taxes,
         sum(credit_cents - debit_cents) FILTER (account = 'deductions_payable') AS deductions, sum(credit_cents - debit_cents) FILTER (account = 'cash') AS net
  FROM gl_posting GROUP BY pay_run_id
)
SELECT r.id AS run_id
FROM pay_run r LEFT JOIN register g ON g.pay_run_id = r.id LEFT JOIN ledger l ON l.pay_run_id = r.id
WHERE in_period(r.pay_on)
  AND ((coalesce(g.gross, 0), coalesce(g.taxes, 0), coalesce(g.deductions, 0), coalesce(g.net, 0))
         <> (coalesce(l.gross, 0), coalesce(l.taxes, 0), coalesce(l.deductions, 0), coalesce(l.net, 0))
    OR r.payslip_count <> coalesce(g.slips, 0) OR r.gross_total_cents <> coalesce(g.gross, 0) OR r.net_total_cents <> coalesce(g.net, 0))
