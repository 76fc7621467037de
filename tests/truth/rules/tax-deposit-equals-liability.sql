WITH withheld AS (
  SELECT pay_run_id, sum(federal_tax_cents + social_security_cents + medicare_cents) AS federal, sum(state_tax_cents) AS state FROM payslip GROUP BY pay_run_id
)
SELECT t.id AS deposit_id
FROM tax_deposit t JOIN pay_run r ON r.id = t.pay_run_id JOIN deadline d ON d.d = r.pay_on AND d.n = 3 LEFT JOIN withheld w ON w.pay_run_id = r.id
WHERE in_period(r.pay_on)
  AND (t.liability_cents IS DISTINCT FROM CASE t.tax WHEN 'federal' THEN w.federal WHEN 'state' THEN w.state END
    OR (d.due <= period_end() AND t.deposited_cents IS DISTINCT FROM t.liability_cents))
