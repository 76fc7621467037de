SELECT q.id AS pay_rate_id
FROM pay_rate q JOIN app_user e ON e.id = q.entered_by JOIN app_user a ON a.id = q.approved_by
WHERE in_period(q.effective_on) AND lower(e.login) = lower(a.login)
