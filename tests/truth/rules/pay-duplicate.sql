WITH slip AS (
    SELECT p.id, p.employee_id, r.pay_on, r.period_start_on AS a, r.period_end_on AS b
    FROM payslip p JOIN pay_run r ON r.id = p.pay_run_id)
SELECT DISTINCT x.id AS payslip_id
FROM slip x JOIN slip y ON y.employee_id = x.employee_id AND y.id <> x.id AND x.a <= y.b AND y.a <= x.b
WHERE in_period(x.pay_on)
