SELECT trade_id, traded_on AS occurred_on
FROM unit_trade
WHERE traded_on BETWEEN $period_start AND $period_end
