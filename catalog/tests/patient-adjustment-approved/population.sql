SELECT adjustment_id, posted_on AS occurred_on
FROM patient_adjustment
WHERE posted_on BETWEEN $period_start AND $period_end
  AND (kind = 'refund' OR amount > $limit)
