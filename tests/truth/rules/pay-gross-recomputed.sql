SELECT p.id AS payslip_id
FROM payslip p JOIN pay_run r ON r.id = p.pay_run_id
WHERE in_period(r.pay_on)
  -- rate in 1/10000 dollar times hours in 1/100: millionths; overtime counts one and a half; 10000 millionths are a cent
  AND p.gross_cents <> half_up(p.rate_e4 * (2 * p.regular_hundredths + 3 * p.overtime_hundredths), 20000)
