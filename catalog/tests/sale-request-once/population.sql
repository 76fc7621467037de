SELECT sale_id, processed_on AS occurred_on
FROM sale
WHERE processed_on BETWEEN $period_start AND $period_end
