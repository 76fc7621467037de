-- The recordkeeping agreement cuts off at 16:00, eight hours before the end of the day. Requests after that, and those of a day on which nothing is traded, belong to the next business day.
WITH due AS (
  SELECT
    t.trade_id, t.participant_id, t.fund_id, t.received_at, t.traded_on, t.units, t.price, t.amount, t.currency,
    local_date(t.received_at, $zone) AS received_on,
    local_date(t.received_at + INTERVAL '8 hours', $zone) = local_date(t.received_at, $zone) AS in_time
  FROM unit_trade AS t
)
SELECT d.trade_id, d.fund_id, d.received_at, d.traded_on, d.units, d.price, p.price AS price_of_day, d.amount
FROM due AS d
LEFT JOIN fund_price AS p ON p.fund_id = d.fund_id AND p.priced_on = d.traded_on AND p.currency = d.currency
WHERE d.traded_on BETWEEN $period_start AND $period_end
  AND (
    (d.price IS DISTINCT FROM p.price)
    OR d.amount <> CAST(round_half_up(d.units * d.price, 2) AS decimal(18, 2))
    OR d.traded_on <> CASE
      WHEN d.in_time THEN add_business_days(d.received_on - 1, 1, $calendar)
      ELSE add_business_days(d.received_on, 1, $calendar)
    END
  )
