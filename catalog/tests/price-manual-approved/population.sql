SELECT security_id, priced_on, priced_on AS occurred_on
FROM security_price
WHERE priced_on BETWEEN $period_start AND $period_end
  AND source = 'manual' 
