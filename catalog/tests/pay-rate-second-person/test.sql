SELECT pay_rate_id, employee_id, effective_on, hourly_rate, entered_by, approved_by, approved_at
FROM pay_rate
WHERE effective_on BETWEEN $period_start AND $period_end
  AND lower(approved_by) = lower(entered_by)
