WITH handed AS (SELECT file_id, any_value(value_on) AS value_on, count(*) AS lines, sum(amount) AS amount FROM bank_line GROUP BY file_id)
SELECT coalesce(f.id, h.file_id) AS file_id
FROM bank_file f FULL JOIN handed h ON h.file_id = f.id
WHERE in_period(coalesce(f.value_on, h.value_on))
  AND ((f.lines_sent, f.amount_sent_cents) IS DISTINCT FROM (coalesce(h.lines, 0), CAST(coalesce(h.amount, 0) * 100 AS BIGINT)))
