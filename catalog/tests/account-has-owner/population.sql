SELECT account_id
FROM account
WHERE status = 'active'
