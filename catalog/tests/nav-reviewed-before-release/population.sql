SELECT fund_id, valued_on, valued_on AS occurred_on
FROM nav
WHERE valued_on BETWEEN $period_start AND $period_end
  AND released_at IS NOT NULL
