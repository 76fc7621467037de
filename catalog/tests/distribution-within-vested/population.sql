SELECT distribution_id, paid_on AS occurred_on
FROM distribution
WHERE paid_on BETWEEN $period_start AND $period_end
