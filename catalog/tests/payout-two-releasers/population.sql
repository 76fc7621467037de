SELECT payout_id, paid_on AS occurred_on
FROM payout
WHERE paid_on BETWEEN $period_start AND $period_end
