SELECT DISTINCT account
FROM bank_line
WHERE value_on BETWEEN $period_start AND $period_end
