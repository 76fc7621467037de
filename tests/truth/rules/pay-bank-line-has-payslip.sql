-- What was handed to the bank for each run and payslip, and what should have been.
WITH handed AS (
  SELECT b.run_id, b.payslip_id, bool_and(EXISTS (
    SELECT 1 FROM direct_deposit d JOIN payslip p ON p.employee_id = d.employee_id
    WHERE p.id = b.payslip_id AND d.account = b.account AND b.value_on BETWEEN d.effective_on AND coalesce(d.ended_on, DATE '9999-01-01'))) AS on_file
  FROM bank_line b WHERE in_period(b.value_on) GROUP BY ALL
), earned AS (
  SELECT r.id AS run_id, p.id AS payslip_id, true AS is_slip FROM payslip p JOIN pay_run r ON r.id = p.pay_run_id WHERE in_period(r.pay_on)
)
SELECT run_id, payslip_id
FROM earned FULL JOIN handed USING (run_id, payslip_id)
WHERE NOT coalesce(is_slip AND on_file, false)
