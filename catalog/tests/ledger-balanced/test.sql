-- Balanced in each currency by itself; one row per run even if several currencies are out of balance.
WITH balance AS (
    SELECT
        run_id, currency,
        CAST(sum(debit) AS decimal(18, 2)) AS debit,
        CAST(sum(credit) AS decimal(18, 2)) AS credit
    FROM gl_posting
    GROUP BY run_id, currency
)
SELECT r.run_id, r.client_id, r.pay_on, min(b.currency) AS currency, min(b.debit) AS debit, min(b.credit) AS credit
FROM pay_run AS r
LEFT JOIN balance AS b ON b.run_id = r.run_id
WHERE r.pay_on BETWEEN $period_start AND $period_end
  AND (b.run_id IS NULL OR (b.debit IS DISTINCT FROM b.credit))
GROUP BY r.run_id, r.client_id, r.pay_on
