-- The counter is read where the period ends: later runs gave later numbers.
WITH given AS (SELECT max(r.last_payslip_number) AS highest FROM pay_run r WHERE r.pay_on <= period_end()),
issued AS (SELECT p.number, count(*) AS times FROM payslip p JOIN pay_run r ON r.id = p.pay_run_id WHERE r.pay_on <= period_end() GROUP BY p.number)
SELECT i.number AS payslip_number
FROM issued i LEFT JOIN issued j ON j.number = i.number + 1
WHERE EXISTS (SELECT 1 FROM payslip p JOIN pay_run r ON r.id = p.pay_run_id WHERE p.number = i.number AND in_period(r.pay_on))
  AND (i.times > 1 OR (j.number IS NULL AND i.number < (SELECT highest FROM given)))
