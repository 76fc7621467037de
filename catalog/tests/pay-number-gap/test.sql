-- Numbers form one sequence over all clients and years; the number before may belong to a payslip outside the period.
SELECT p.payslip_number, p.payslip_id, p.run_id, p.pay_on, p.payslip_number - 1 AS missing_number
FROM payslip AS p
WHERE p.pay_on BETWEEN $period_start AND $period_end
  AND p.payslip_number > (SELECT min(payslip_number) FROM payslip)
  AND NOT EXISTS (
    SELECT 1
    FROM payslip AS b
    WHERE b.payslip_number = p.payslip_number - 1
  )
