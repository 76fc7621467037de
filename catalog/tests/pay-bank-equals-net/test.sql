-- One row per payslip and currency, so that amounts of two currencies are never added and a foreign line stands out.
WITH paid AS (
    SELECT payslip_id, currency, CAST(sum(amount) AS decimal(18, 2)) AS amount, count(*) AS lines
    FROM bank_line
    GROUP BY payslip_id, currency
)
SELECT
    p.payslip_id, p.employee_id, p.net,
    min(b.amount) AS paid, min(b.currency) AS paid_currency, sum(b.lines) AS bank_lines
FROM payslip AS p
LEFT JOIN paid AS b ON b.payslip_id = p.payslip_id
WHERE p.pay_on BETWEEN $period_start AND $period_end
  AND ((b.amount IS DISTINCT FROM p.net) OR (b.currency IS DISTINCT FROM p.currency))
GROUP BY p.payslip_id, p.employee_id, p.net
