-- The claim received first is the right one; each later one is the same once more.
WITH numbered AS (
  SELECT
    claim_id, member_id, provider_id, served_on, service, billed, paid, currency, paid_on,
    row_number() OVER (
      PARTITION BY member_id, provider_id, served_on, service, billed, currency ORDER BY received_on, claim_id
    ) AS turn
  FROM claim
  WHERE status = 'paid'
)
SELECT claim_id, member_id, provider_id, served_on, service, billed, paid, currency
FROM numbered
WHERE paid_on BETWEEN $period_start AND $period_end
  AND turn > 1
