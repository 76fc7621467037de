SELECT r.id AS run_id
FROM pay_run r JOIN app_user p ON p.id = r.prepared_by LEFT JOIN app_user a ON a.id = r.released_by LEFT JOIN app_user b ON b.id = r.second_releaser
WHERE in_period(r.pay_on) AND r.released_at IS NOT NULL
  AND (a.id IS NULL OR b.id IS NULL OR len(list_distinct([lower(p.login), lower(a.login), lower(b.login)])) < 3)
