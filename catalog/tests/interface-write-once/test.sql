-- The first write with a request key is the right one; each later one is the request once more.
WITH numbered AS (
  SELECT
    write_id, client_id, request_key, received_at, received_on,
    row_number() OVER (PARTITION BY client_id, request_key ORDER BY received_at, write_id) AS turn
  FROM interface_write
  WHERE outcome = 'written'
)
SELECT write_id, client_id, request_key, received_at
FROM numbered
WHERE received_on BETWEEN $period_start AND $period_end
  AND turn > 1
