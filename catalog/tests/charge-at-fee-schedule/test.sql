WITH checked AS (
  SELECT
    client_id, code, effective_on, fee, currency,
    lead(effective_on) OVER (PARTITION BY client_id, code, currency ORDER BY effective_on) AS next_on
  FROM fee_schedule
  WHERE checked_by <> entered_by
),
charged AS (
  SELECT c.charge_id, e.client_id, c.code, c.units, c.fee, c.amount, c.currency, c.charged_on
  FROM charge AS c
  LEFT JOIN encounter AS e ON e.encounter_id = c.encounter_id
  WHERE c.charged_on BETWEEN $period_start AND $period_end
)
SELECT c.charge_id, c.client_id, c.code, c.units, c.fee, f.fee AS fee_of_schedule, c.amount, c.currency
FROM charged AS c
LEFT JOIN checked AS f
  ON f.client_id = c.client_id AND f.code = c.code AND f.currency = c.currency
  AND f.effective_on <= c.charged_on AND (f.next_on > c.charged_on OR f.next_on IS NULL)
WHERE (c.fee IS DISTINCT FROM f.fee)
   OR c.amount <> c.units * c.fee
