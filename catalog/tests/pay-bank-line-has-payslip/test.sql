-- A line has its payslip when that is of the line's run, day and currency; what it pays must go to an account on file for the
-- payslip's employee on the day. A line without a payslip has no employee and a payslip without a line no account, so that
-- both find no entry on file, as does a line to another account. Whether the amounts agree is asked by pay-bank-equals-net.
-- The small table stands on the left, so that the rest streams past it.
SELECT
    coalesce(p.run_id, b.run_id) AS run_id, coalesce(p.payslip_id, b.payslip_id) AS payslip_id,
    p.employee_id, p.net, b.file_id, b.line_no, b.account, b.amount
FROM direct_deposit AS d
RIGHT JOIN (
    (
        SELECT payslip_id, run_id, employee_id, pay_on, net, currency
        FROM payslip
        WHERE pay_on BETWEEN $period_start AND $period_end
    ) AS p
    FULL JOIN (
        SELECT file_id, line_no, run_id, payslip_id, account, amount, currency, value_on
        FROM bank_line
        WHERE value_on BETWEEN $period_start AND $period_end
    ) AS b ON b.payslip_id = p.payslip_id AND b.run_id = p.run_id AND b.value_on = p.pay_on AND b.currency = p.currency
) ON d.employee_id = p.employee_id AND d.account = b.account
    AND d.effective_on <= b.value_on AND (d.ended_on IS NULL OR d.ended_on >= b.value_on)
WHERE d.direct_deposit_id IS NULL
