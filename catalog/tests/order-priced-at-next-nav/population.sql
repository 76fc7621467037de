SELECT order_id, priced_on AS occurred_on
FROM shareholder_order
WHERE priced_on BETWEEN $period_start AND $period_end
