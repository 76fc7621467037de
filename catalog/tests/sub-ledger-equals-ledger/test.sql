SELECT client_id, account, balance_on, currency, ledger, sub_ledger
FROM ledger_balance
WHERE balance_on BETWEEN $period_start AND $period_end
  AND (ledger IS DISTINCT FROM sub_ledger)
