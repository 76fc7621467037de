SELECT payslip_number, pay_on AS occurred_on
FROM payslip
WHERE pay_on BETWEEN $period_start AND $period_end
