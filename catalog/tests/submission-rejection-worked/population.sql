SELECT submission_id, add_business_days(coalesce(local_date(rejected_at, $zone), created_on), $business_days, $calendar) AS occurred_on
FROM claim_submission
WHERE add_business_days(coalesce(local_date(rejected_at, $zone), created_on), $business_days, $calendar) BETWEEN $period_start AND $period_end
