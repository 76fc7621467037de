SELECT b.account
FROM bank_line b JOIN payslip p ON p.id = b.payslip_id JOIN employee e ON e.id = p.employee_id
WHERE in_period(b.value_on)
GROUP BY b.account HAVING count(DISTINCT e.taxpayer_key) > 1
