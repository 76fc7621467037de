SELECT settlement_id, settled_on AS occurred_on
FROM settlement
WHERE settled_on BETWEEN $period_start AND $period_end
