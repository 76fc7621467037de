-- Both sides count: every payslip, and every line that names none of its run.
SELECT run_id, payslip_id, pay_on AS occurred_on
FROM payslip
WHERE pay_on BETWEEN $period_start AND $period_end
UNION ALL
SELECT b.run_id, b.payslip_id, max(b.value_on)
FROM bank_line AS b
WHERE b.value_on BETWEEN $period_start AND $period_end
  AND NOT EXISTS (
    SELECT 1
    FROM payslip AS p
    WHERE p.payslip_id = b.payslip_id
      AND p.run_id = b.run_id
      AND p.pay_on BETWEEN $period_start AND $period_end
  )
GROUP BY b.run_id, b.payslip_id
