SELECT disbursement_id, sent_on AS occurred_on
FROM disbursement
WHERE sent_on BETWEEN $period_start AND $period_end
