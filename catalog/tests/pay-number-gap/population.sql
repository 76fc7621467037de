-- A number given twice is one item, and an exception.
SELECT payslip_number, max(pay_on) AS occurred_on
FROM payslip
WHERE pay_on BETWEEN $period_start AND $period_end
GROUP BY payslip_number
