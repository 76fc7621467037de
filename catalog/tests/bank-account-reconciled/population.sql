SELECT reconciliation_id, add_business_days(month_end_on, $business_days, $calendar) AS occurred_on
FROM bank_reconciliation
WHERE add_business_days(month_end_on, $business_days, $calendar) BETWEEN $period_start AND $period_end
