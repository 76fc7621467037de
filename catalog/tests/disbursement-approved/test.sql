SELECT disbursement_id, client_id, amount, currency, prepared_by, approved_by, approved_at, sent_at
FROM disbursement
WHERE sent_on BETWEEN $period_start AND $period_end
  AND (
    approved_by IS NULL
    OR approved_by = prepared_by
    OR approved_at IS NULL
    OR approved_at > sent_at
  )
