WITH due AS (
  SELECT
    submission_id, client_id, created_on, amount, currency, accepted_at, rejected_at, reworked_at,
    add_business_days(coalesce(local_date(rejected_at, $zone), created_on), $business_days, $calendar) AS due_on
  FROM claim_submission
)
SELECT submission_id, client_id, created_on, due_on, amount, currency, accepted_at, rejected_at, reworked_at
FROM due
WHERE due_on BETWEEN $period_start AND $period_end
  AND due_on <= $on
  AND (accepted_at IS NULL OR rejected_at IS NOT NULL)
  AND (reworked_at IS NULL OR local_date(reworked_at, $zone) > due_on)
