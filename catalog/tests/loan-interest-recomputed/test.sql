-- The rate in force is the newest one that is effective on or before the day.
WITH rate AS (
  SELECT
    loan_id, effective_on, annual_rate, days_in_year,
    lead(effective_on) OVER (PARTITION BY loan_id ORDER BY effective_on) AS next_on
  FROM loan_rate
),
recomputed AS (
  SELECT
    a.accrual_id, a.loan_id, a.accrued_on, a.principal, r.annual_rate, r.days_in_year, a.interest,
    CAST(div_scale(a.principal * r.annual_rate, CAST(r.days_in_year AS decimal(5, 0)), 2) AS decimal(18, 2)) AS interest_expected
  FROM rate AS r
  RIGHT JOIN loan_accrual AS a
    ON r.loan_id = a.loan_id AND r.effective_on <= a.accrued_on AND (r.next_on > a.accrued_on OR r.next_on IS NULL)
  WHERE a.accrued_on BETWEEN $period_start AND $period_end
)
SELECT accrual_id, loan_id, accrued_on, principal, annual_rate, days_in_year, interest, interest_expected
FROM recomputed
WHERE (interest IS DISTINCT FROM interest_expected)
