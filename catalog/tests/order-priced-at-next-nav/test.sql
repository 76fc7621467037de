-- The prospectus closes trading at 16:00, eight hours before the end of the day; later orders belong to the next business day.
WITH due AS (
  SELECT
    order_id, fund_id, kind, received_at, priced_on, shares, price, amount, currency,
    CASE
      WHEN local_date(received_at + INTERVAL '8 hours', $zone) = local_date(received_at, $zone)
        THEN add_business_days(local_date(received_at, $zone) - 1, 1, $calendar)
      ELSE add_business_days(local_date(received_at, $zone), 1, $calendar)
    END AS due_on
  FROM shareholder_order
)
SELECT d.order_id, d.fund_id, d.kind, d.received_at, d.priced_on, d.due_on, d.shares, d.price, n.nav, d.amount
FROM due AS d
LEFT JOIN nav AS n ON n.fund_id = d.fund_id AND n.valued_on = d.priced_on AND n.currency = d.currency
WHERE d.priced_on BETWEEN $period_start AND $period_end
  AND (
    d.priced_on <> d.due_on
    OR (d.price IS DISTINCT FROM n.nav)
    OR d.amount <> CAST(round_half_up(d.shares * d.price, 2) AS decimal(18, 2))
  )
