SELECT account_id, seen_on FROM account_history
WHERE in_period(seen_on) AND kind = 'human' AND status = 'active' AND NOT mfa
