SELECT r.id AS run_id
FROM pay_run r LEFT JOIN pay_run q ON q.client_id = r.client_id AND q.run_number = r.run_number - 1
WHERE in_period(r.pay_on) AND q.id IS NULL AND r.run_number > (SELECT min(run_number) FROM pay_run s WHERE s.client_id = r.client_id)
