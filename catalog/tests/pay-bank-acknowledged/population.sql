-- A run belongs to the period in which its acknowledgement falls due.
SELECT run_id, add_business_days(pay_on, $business_days, $calendar) AS occurred_on
FROM pay_run
WHERE add_business_days(pay_on, $business_days, $calendar) BETWEEN $period_start AND $period_end
