SELECT deposit_id, pay_on AS occurred_on
FROM tax_deposit
WHERE pay_on BETWEEN $period_start AND $period_end
