-- The account of a person who left is a matter of leaver-access, which knows the deadline; a service account outlives
-- its owner and needs a new one at once.
SELECT a.account_id, a.kind, a.email, a.person_id, o.ended_at AS owner_left_at, a.last_login_at
FROM account AS a
LEFT JOIN person AS o ON o.person_id = a.person_id
WHERE a.status = 'active'
  AND (o.person_id IS NULL OR (a.kind = 'service' AND local_date(o.ended_at, $zone) <= $on))
