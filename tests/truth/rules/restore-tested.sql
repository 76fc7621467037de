SELECT s.system, q.quarter
FROM system s CROSS JOIN (VALUES ('2025-Q4'), ('2026-Q1'), ('2026-Q2'), ('2026-Q3')) q (quarter)
WHERE s.backed_up AND NOT EXISTS (
  SELECT 1 FROM restore_test t
  WHERE t.system = s.system AND t.quarter = q.quarter AND t.result = 'passed' AND year(t.performed_on) || '-Q' || quarter(t.performed_on) = q.quarter)
