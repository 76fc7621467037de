SELECT accrual_id, accrued_on AS occurred_on
FROM loan_accrual
WHERE accrued_on BETWEEN $period_start AND $period_end
