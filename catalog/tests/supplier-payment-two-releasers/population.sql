SELECT payment_id, paid_on AS occurred_on
FROM supplier_payment
WHERE paid_on BETWEEN $period_start AND $period_end
