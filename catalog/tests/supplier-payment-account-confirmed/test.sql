SELECT p.payment_id, p.supplier_id, p.account, p.amount, p.currency, p.released_at
FROM supplier_payment AS p
WHERE p.paid_on BETWEEN $period_start AND $period_end
  AND NOT EXISTS (
    SELECT 1 FROM supplier_account AS a
    WHERE a.supplier_id = p.supplier_id
      AND a.account = p.account
      AND a.approved_by <> a.changed_by
      AND a.called_back_at <= p.released_at
  )
