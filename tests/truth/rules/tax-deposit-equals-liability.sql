WITH withheld AS (
  UNPIVOT (SELECT pay_run_id, sum(federal_tax_cents + social_security_cents + medicare_cents)::BIGINT AS federal, sum(state_tax_cents)::BIGINT AS state FROM payslip GROUP BY pay_run_id)
  ON federal, state INTO NAME tax VALUE cents
), deposit AS (
  SELECT pay_run_id, tax, sum(liability_cents) AS liability, sum(deposited_cents) AS deposited, bool_and(deposited_on IS NOT NULL) AS all_made, max(deposited_on) AS last_on
  FROM tax_deposit GROUP BY ALL
)
SELECT r.id AS run_id, tax
FROM withheld FULL JOIN deposit USING (pay_run_id, tax) JOIN pay_run r ON r.id = pay_run_id JOIN deadline d ON d.d = r.pay_on AND d.n = 3
WHERE in_period(d.due) AND (coalesce(cents, 0) <> coalesce(liability, 0) OR coalesce(cents, 0) <> coalesce(deposited, 0))
