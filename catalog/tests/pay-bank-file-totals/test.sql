-- A file without lines has none to count; lines without a recorded file, or in another currency than its, agree with nothing.
WITH handed AS (
    SELECT file_id, currency, count(*) AS lines, CAST(sum(amount) AS decimal(18, 2)) AS amount, max(value_on) AS value_on
    FROM bank_line
    GROUP BY file_id, currency
)
SELECT
    coalesce(f.file_id, h.file_id) AS file_id, f.run_id, coalesce(f.value_on, h.value_on) AS value_on,
    f.lines_sent, h.lines, f.amount_sent, h.amount
FROM bank_file AS f
FULL JOIN handed AS h ON h.file_id = f.file_id AND h.currency = f.currency
WHERE coalesce(f.value_on, h.value_on) BETWEEN $period_start AND $period_end
  AND ((f.lines_sent IS DISTINCT FROM h.lines) OR (f.amount_sent IS DISTINCT FROM h.amount))
