-- The due date that the system stored is shown but not trusted: a calendar that forgot a holiday would hide itself. Of
-- several deposits for one liability each must be in time; without any there is none that was.
WITH withheld AS (
    SELECT
        run_id, currency,
        CAST(sum(federal_tax + social_security + medicare) AS decimal(18, 2)) AS federal,
        CAST(sum(state_tax) AS decimal(18, 2)) AS state
    FROM payslip
    GROUP BY run_id, currency
),
liability AS (
    SELECT
        r.run_id, j.tax, r.pay_on,
        CASE j.tax WHEN 'federal' THEN w.federal ELSE w.state END AS withheld,
        add_business_days(r.pay_on, $business_days, $calendar) AS due_on
    FROM pay_run AS r
    CROSS JOIN (VALUES ('federal'), ('state')) AS j(tax)
    INNER JOIN withheld AS w ON w.run_id = r.run_id AND w.currency = r.currency
)
SELECT
    l.run_id, l.tax, l.pay_on, l.withheld, l.due_on,
    d.deposit_id, d.due_on AS due_on_stored, d.deposited_on
FROM liability AS l
LEFT JOIN tax_deposit AS d ON d.run_id = l.run_id AND d.tax = l.tax
WHERE l.due_on BETWEEN $period_start AND $period_end
  AND l.withheld <> 0
  AND l.due_on <= $on
  AND (d.deposited_on IS NULL OR d.deposited_on > l.due_on)
