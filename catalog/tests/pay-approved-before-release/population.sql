SELECT run_id, pay_on AS occurred_on
FROM pay_run
WHERE pay_on BETWEEN $period_start AND $period_end
  AND released_at IS NOT NULL
