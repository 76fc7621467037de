-- The due date that the system stored is shown but not trusted: a calendar that forgot a holiday would hide itself.
WITH due AS (
    SELECT
        deposit_id, run_id, tax, pay_on, due_on AS due_on_stored, deposited_on,
        add_business_days(pay_on, $business_days, $calendar) AS due_on
    FROM tax_deposit
    WHERE pay_on BETWEEN $period_start AND $period_end
)
SELECT deposit_id, run_id, tax, pay_on, due_on, due_on_stored, deposited_on
FROM due
WHERE due_on <= $on
  AND (deposited_on IS NULL OR deposited_on > due_on)
