-- Two roads lead to an item: tax was withheld from a run, or a deposit was recorded for it. Either may be missing.
WITH withheld AS (
    SELECT
        run_id, currency,
        sum(federal_tax + social_security + medicare) AS federal,
        sum(state_tax) AS state
    FROM payslip
    GROUP BY run_id, currency
),
liability AS (
    SELECT r.run_id, j.tax, r.pay_on
    FROM pay_run AS r
    CROSS JOIN (VALUES ('federal'), ('state')) AS j(tax)
    INNER JOIN withheld AS w ON w.run_id = r.run_id AND w.currency = r.currency
    WHERE CASE j.tax WHEN 'federal' THEN w.federal ELSE w.state END <> 0
    UNION ALL
    SELECT run_id, tax, pay_on
    FROM tax_deposit
)
SELECT run_id, tax, max(add_business_days(pay_on, $business_days, $calendar)) AS occurred_on
FROM liability
WHERE add_business_days(pay_on, $business_days, $calendar) BETWEEN $period_start AND $period_end
GROUP BY run_id, tax
