-- Both sides count: whatever was earned or paid, matched or not.
SELECT run_id, payslip_id, max(paid_on) AS occurred_on
FROM (
    SELECT run_id, payslip_id, pay_on AS paid_on
    FROM payslip
    WHERE pay_on BETWEEN $period_start AND $period_end
    UNION ALL
    SELECT run_id, payslip_id, value_on
    FROM bank_line
    WHERE value_on BETWEEN $period_start AND $period_end
) AS side
GROUP BY run_id, payslip_id
