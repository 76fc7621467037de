WITH slip AS (
  SELECT p.*, r.pay_on, 'state:' || (SELECT max_by(w.state, w.effective_on) FROM work_state w WHERE w.employee_id = p.employee_id AND w.effective_on <= r.pay_on) AS state_tax_name
  FROM payslip p JOIN pay_run r ON r.id = p.pay_run_id
  WHERE in_period(r.pay_on)
), dated AS (
  SELECT *, (SELECT max(effective_on) FROM tax_table t WHERE t.tax = 'federal' AND t.effective_on <= pay_on) AS set_on FROM slip
), bracket AS (
  SELECT tax, effective_on, over_cents, base_cents, rate_e6,
         lead(over_cents, 1, 1000000000000) OVER (PARTITION BY tax, effective_on ORDER BY over_cents) AS below
  FROM tax_table
), due AS (
  SELECT d.id, d.gross_cents, d.federal_tax_cents, d.state_tax_cents, d.social_security_cents, d.medicare_cents, d.deductions_cents, d.net_cents,
         f.base_cents + half_up(f.rate_e6 * (d.gross_cents - f.over_cents), 1000000) AS federal,
         s.base_cents + half_up(s.rate_e6 * (d.gross_cents - s.over_cents), 1000000) AS state,
         half_up(ss.rate_e6 * least(d.gross_cents, greatest(0, ss.wage_base_cents - (d.ytd_gross_cents - d.gross_cents))), 1000000) AS social,
         half_up(m.rate_e6 * d.gross_cents, 1000000)
           + half_up(am.rate_e6 * greatest(0, least(d.gross_cents, d.ytd_gross_cents - am.over_cents)), 1000000) AS medicare
  FROM dated d
  LEFT JOIN bracket f ON f.tax = 'federal' AND f.effective_on = d.set_on AND d.gross_cents >= f.over_cents AND d.gross_cents < f.below
  LEFT JOIN bracket s ON s.tax = d.state_tax_name AND s.effective_on = d.set_on AND d.gross_cents >= s.over_cents AND d.gross_cents < s.below
  LEFT JOIN tax_table ss ON ss.tax = 'social_security' AND ss.effective_on = d.set_on
  LEFT JOIN tax_table m ON m.tax = 'medicare' AND m.effective_on = d.set_on
  LEFT JOIN tax_table am ON am.tax = 'additional_medicare' AND am.effective_on = d.set_on
)
SELECT id AS payslip_id FROM due
WHERE (federal_tax_cents IS DISTINCT FROM federal) OR (state_tax_cents IS DISTINCT FROM state) OR (social_security_cents IS DISTINCT FROM social)
   OR (medicare_cents IS DISTINCT FROM medicare)
   OR net_cents <> gross_cents - federal_tax_cents - social_security_cents - medicare_cents - state_tax_cents - deductions_cents
