-- A rate that nobody approved is no approval to look at here: if it was paid, pay-rate-approved returns the payslip.
SELECT pay_rate_id, effective_on AS occurred_on
FROM pay_rate
WHERE effective_on BETWEEN $period_start AND $period_end
  AND approved_by IS NOT NULL
