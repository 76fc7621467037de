SELECT s.system, q.quarter
FROM system s CROSS JOIN (VALUES ('2025-Q4', DATE '2025-10-01'), ('2026-Q1', DATE '2026-01-01'), ('2026-Q2', DATE '2026-04-01'), ('2026-Q3', DATE '2026-07-01')) q (quarter, first_on)
WHERE s.backed_up AND s.in_service_on <= q.first_on AND coalesce(s.retired_on >= q.first_on + INTERVAL 3 MONTH - INTERVAL 1 DAY, true) AND NOT EXISTS (
  SELECT 1 FROM restore_test t
  WHERE t.system = s.system AND t.quarter = q.quarter AND t.result = 'passed' AND year(t.performed_on) || '-Q' || quarter(t.performed_on) = q.quarter)
