SELECT grant_id, local_date(granted_at, $zone) AS occurred_on
FROM access_grant
WHERE privileged
  AND local_date(granted_at, $zone) BETWEEN $period_start AND $period_end
