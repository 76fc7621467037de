SELECT fund_id, valued_on, assets, liabilities, net_assets, shares, nav, currency
FROM nav
WHERE valued_on BETWEEN $period_start AND $period_end
  AND (
    net_assets <> assets - liabilities
    OR CASE WHEN shares = 0 THEN true ELSE nav <> CAST(div_scale(net_assets, nullif(shares, 0), 4) AS decimal(18, 4)) END
  )
