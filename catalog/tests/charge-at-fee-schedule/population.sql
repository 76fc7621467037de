SELECT charge_id, charged_on AS occurred_on
FROM charge
WHERE charged_on BETWEEN $period_start AND $period_end
