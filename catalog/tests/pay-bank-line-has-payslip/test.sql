-- First the lines: one has its payslip when that is of the line's run, day and currency, and its account when that is on
-- file for the payslip's employee on the day. A line without a payslip has no employee and so no account on file either.
WITH paid AS (
    SELECT run_id, payslip_id, currency, value_on, CAST(sum(amount) AS decimal(18, 2)) AS amount
    FROM bank_line
    GROUP BY run_id, payslip_id, currency, value_on
)
SELECT
    b.run_id, b.payslip_id, 'bank line' AS side, b.file_id, b.line_no, b.account, b.amount, p.employee_id, p.net
-- The small table stands on the left, so that the lines stream past it and are not held a second time. The filter names a
-- column of it that is no join key: the engine would ask the right side for a missing key as well, and find none.
FROM direct_deposit AS d
RIGHT JOIN (
    payslip AS p
    RIGHT JOIN bank_line AS b
        ON p.payslip_id = b.payslip_id AND p.run_id = b.run_id AND p.pay_on = b.value_on AND p.currency = b.currency
) ON d.employee_id = p.employee_id AND d.account = b.account
    AND d.effective_on <= b.value_on AND (d.ended_on IS NULL OR d.ended_on >= b.value_on)
WHERE b.value_on BETWEEN $period_start AND $period_end
  AND d.direct_deposit_id IS NULL
UNION ALL
-- Then the payslips: the lines of its run, day and currency add up to its net.
SELECT
    p.run_id, p.payslip_id, 'payslip', NULL, NULL, NULL, b.amount, p.employee_id, p.net
FROM payslip AS p
LEFT JOIN paid AS b
    ON b.payslip_id = p.payslip_id AND b.run_id = p.run_id AND b.value_on = p.pay_on AND b.currency = p.currency
WHERE p.pay_on BETWEEN $period_start AND $period_end
  AND (b.amount IS DISTINCT FROM p.net)
