SELECT security_id, priced_on, price, currency, entered_by, approved_by, approved_at, nav_at
FROM security_price
WHERE priced_on BETWEEN $period_start AND $period_end
  AND source = 'manual'
  AND (
    entered_by IS NULL
    OR approved_by IS NULL
    OR approved_by = entered_by
    OR approved_at IS NULL
    OR approved_at > nav_at
  )
