WITH lowest AS (
    SELECT client_id, min(run_number) AS run_number
    FROM pay_run
    GROUP BY client_id
)
SELECT r.run_id, r.client_id, r.run_number, r.pay_on, r.run_number - 1 AS missing_number
FROM pay_run AS r
INNER JOIN lowest AS l ON l.client_id = r.client_id
WHERE r.pay_on BETWEEN $period_start AND $period_end
  AND r.run_number > l.run_number
  AND NOT EXISTS (
    SELECT 1
    FROM pay_run AS b
    WHERE b.client_id = r.client_id AND b.run_number = r.run_number - 1
  )
