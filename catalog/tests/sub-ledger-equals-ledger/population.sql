SELECT client_id, account, balance_on, currency, balance_on AS occurred_on
FROM ledger_balance
WHERE balance_on BETWEEN $period_start AND $period_end
