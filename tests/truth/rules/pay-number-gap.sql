SELECT p.number AS payslip_number
FROM payslip p JOIN pay_run r ON r.id = p.pay_run_id LEFT JOIN payslip q ON q.number = p.number - 1
WHERE in_period(r.pay_on) AND q.id IS NULL AND p.number > (SELECT min(number) FROM payslip)
