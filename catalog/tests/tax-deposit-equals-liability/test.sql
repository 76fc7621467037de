-- A deposit of a run without payslips in its currency, or of a tax nobody knows, has no expected liability and is returned;
-- so is a tax withheld for which no deposit is on record. Several deposits of one liability count together.
WITH withheld AS (
    SELECT
        run_id, currency,
        CAST(sum(federal_tax + social_security + medicare) AS decimal(18, 2)) AS federal,
        CAST(sum(state_tax) AS decimal(18, 2)) AS state
    FROM payslip
    GROUP BY run_id, currency
),
expected AS (
    SELECT
        r.run_id, j.tax, r.currency, r.pay_on,
        CASE j.tax WHEN 'federal' THEN w.federal ELSE w.state END AS withheld
    FROM pay_run AS r
    CROSS JOIN (VALUES ('federal'), ('state')) AS j(tax)
    INNER JOIN withheld AS w ON w.run_id = r.run_id AND w.currency = r.currency
),
recorded AS (
    SELECT
        run_id, tax, currency, max(pay_on) AS pay_on, count(*) AS deposits,
        CAST(sum(liability) AS decimal(18, 2)) AS liability,
        CAST(sum(deposited) AS decimal(18, 2)) AS deposited
    FROM tax_deposit
    GROUP BY run_id, tax, currency
),
compared AS (
    SELECT
        coalesce(e.run_id, d.run_id) AS run_id, coalesce(e.tax, d.tax) AS tax,
        e.withheld, d.deposits, d.liability, d.deposited,
        add_business_days(coalesce(e.pay_on, d.pay_on), $business_days, $calendar) AS due_on
    FROM expected AS e
    FULL JOIN recorded AS d ON d.run_id = e.run_id AND d.tax = e.tax AND d.currency = e.currency
)
SELECT run_id, tax, withheld, deposits, liability, deposited, due_on
FROM compared
WHERE due_on BETWEEN $period_start AND $period_end
  AND (withheld <> 0 OR deposits > 0)
  AND (
    (liability IS DISTINCT FROM withheld)
    OR (due_on <= $on AND (deposited IS DISTINCT FROM liability))
  )
