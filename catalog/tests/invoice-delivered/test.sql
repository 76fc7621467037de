WITH due AS (
  SELECT
    invoice_id, series, number, customer_id, invoiced_on, delivered_at,
    add_business_days(invoiced_on, $business_days, $calendar) AS due_on
  FROM invoice
)
SELECT invoice_id, series, number, customer_id, invoiced_on, due_on, delivered_at
FROM due
WHERE due_on BETWEEN $period_start AND $period_end
  AND due_on <= $on
  AND (delivered_at IS NULL OR local_date(delivered_at, $zone) > due_on)
