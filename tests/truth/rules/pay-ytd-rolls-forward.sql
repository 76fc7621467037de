WITH chain AS (
  SELECT p.id, p.gross_cents, p.ytd_gross_cents, r.pay_on,
         lag(p.ytd_gross_cents) OVER (PARTITION BY p.employee_id, year(r.pay_on) ORDER BY r.pay_on, p.number) AS before
  FROM payslip p JOIN pay_run r ON r.id = p.pay_run_id
)
SELECT id AS payslip_id FROM chain
WHERE in_period(pay_on)
  AND CASE WHEN before IS NOT NULL THEN ytd_gross_cents <> before + gross_cents
           ELSE make_date(year(pay_on), 1, 1) >= period_start() AND ytd_gross_cents <> gross_cents END
