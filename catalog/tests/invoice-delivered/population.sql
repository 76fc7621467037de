SELECT invoice_id, add_business_days(invoiced_on, $business_days, $calendar) AS occurred_on
FROM invoice
WHERE add_business_days(invoiced_on, $business_days, $calendar) BETWEEN $period_start AND $period_end
