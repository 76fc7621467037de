-- A run may have several files; it is returned once if one of them is wrong. A run without a file counts from its pay date.
WITH sent AS (
    SELECT
        r.run_id, r.client_id, r.pay_on, f.file_id, f.acknowledged_at,
        f.lines_sent, f.lines_accepted, f.amount_sent, f.amount_accepted,
        add_business_days(coalesce(f.value_on, r.pay_on), $business_days, $calendar) AS due_on
    FROM pay_run AS r
    LEFT JOIN bank_file AS f ON f.run_id = r.run_id
    WHERE add_business_days(r.pay_on, $business_days, $calendar) BETWEEN $period_start AND $period_end
)
SELECT
    run_id, client_id, pay_on, min(due_on) AS due_on, min(file_id) AS file_id, min(acknowledged_at) AS acknowledged_at,
    min(lines_sent) AS lines_sent, min(lines_accepted) AS lines_accepted,
    min(amount_sent) AS amount_sent, min(amount_accepted) AS amount_accepted
FROM sent
WHERE due_on <= $on
  AND (
    acknowledged_at IS NULL
    OR acknowledged_at > end_of_day(due_on, $zone)
    OR (lines_accepted IS DISTINCT FROM lines_sent)
    OR (amount_accepted IS DISTINCT FROM amount_sent)
  )
GROUP BY run_id, client_id, pay_on
