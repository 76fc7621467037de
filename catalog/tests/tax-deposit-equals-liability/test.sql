-- A deposit of a run without payslips in its currency, or of a tax nobody knows, has no expected liability and is returned.
WITH withheld AS (
    SELECT
        run_id, currency,
        CAST(sum(federal_tax + social_security + medicare) AS decimal(18, 2)) AS federal,
        CAST(sum(state_tax) AS decimal(18, 2)) AS state
    FROM payslip
    GROUP BY run_id, currency
),
compared AS (
    SELECT
        d.deposit_id, d.run_id, d.tax, d.liability, d.deposited, d.confirmation,
        CASE d.tax WHEN 'federal' THEN w.federal WHEN 'state' THEN w.state END AS withheld,
        add_business_days(d.pay_on, $business_days, $calendar) AS due_on
    FROM tax_deposit AS d
    LEFT JOIN withheld AS w ON w.run_id = d.run_id AND w.currency = d.currency
    WHERE d.pay_on BETWEEN $period_start AND $period_end
)
SELECT deposit_id, run_id, tax, withheld, liability, deposited, due_on, confirmation
FROM compared
WHERE (liability IS DISTINCT FROM withheld)
   OR (due_on <= $on AND (deposited IS DISTINCT FROM liability))
