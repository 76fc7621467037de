SELECT invoice_id, invoiced_on AS occurred_on
FROM invoice
WHERE invoiced_on BETWEEN $period_start AND $period_end
