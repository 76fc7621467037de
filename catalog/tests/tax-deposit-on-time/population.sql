-- Every run and both jurisdictions, whether a deposit was recorded or not: a liability nobody recorded is an item too. It
-- belongs to the period in which it falls due. Nothing withheld, nothing due.
WITH withheld AS (
    SELECT
        run_id, currency,
        sum(federal_tax + social_security + medicare) AS federal,
        sum(state_tax) AS state
    FROM payslip
    GROUP BY run_id, currency
)
SELECT r.run_id, j.tax, add_business_days(r.pay_on, $business_days, $calendar) AS occurred_on
FROM pay_run AS r
CROSS JOIN (VALUES ('federal'), ('state')) AS j(tax)
INNER JOIN withheld AS w ON w.run_id = r.run_id AND w.currency = r.currency
WHERE add_business_days(r.pay_on, $business_days, $calendar) BETWEEN $period_start AND $period_end
  AND CASE j.tax WHEN 'federal' THEN w.federal ELSE w.state END <> 0
