SELECT credit_id, posted_on AS occurred_on
FROM customer_credit
WHERE posted_on BETWEEN $period_start AND $period_end
  AND (kind = 'write-off' OR amount > $limit)
