SELECT fund_id, valued_on, nav, currency, prepared_by, reviewed_by, reviewed_at, released_at
FROM nav
WHERE valued_on BETWEEN $period_start AND $period_end
  AND released_at IS NOT NULL
  AND (
    reviewed_by IS NULL
    OR reviewed_by = prepared_by
    OR reviewed_at IS NULL
    OR reviewed_at > released_at
  )
