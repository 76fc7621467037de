WITH due AS (
  SELECT
    reconciliation_id, client_id, account, month_end_on, ledger_balance, bank_balance, outstanding, currency,
    prepared_by, reviewed_by, reviewed_at, add_business_days(month_end_on, $business_days, $calendar) AS due_on
  FROM bank_reconciliation
)
SELECT
  reconciliation_id, client_id, account, month_end_on, due_on, ledger_balance, bank_balance, outstanding, currency,
  prepared_by, reviewed_by, reviewed_at
FROM due
WHERE due_on BETWEEN $period_start AND $period_end
  AND due_on <= $on
  AND (
    reviewed_by IS NULL
    OR reviewed_by = prepared_by
    OR reviewed_at IS NULL
    OR local_date(reviewed_at, $zone) > due_on
    OR ledger_balance - bank_balance <> outstanding
  )
