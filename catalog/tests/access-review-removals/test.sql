-- The record of the review and the right itself must both say so: a right can be marked as removed and live on.
WITH decided AS (
    SELECT
        i.review_id, i.grant_id, i.account_id, i.decided_by, i.decided_at, i.removed_at, g.revoked_at,
        add_business_days(local_date(i.decided_at, $zone), $business_days, $calendar) AS remove_by
    FROM access_review_item AS i
    LEFT JOIN access_grant AS g ON g.grant_id = i.grant_id
    WHERE i.decision = 'remove'
)
SELECT review_id, grant_id, account_id, decided_by, decided_at, remove_by, removed_at, revoked_at
FROM decided
WHERE remove_by BETWEEN $period_start AND $period_end
  AND remove_by <= $on
  AND (
    removed_at IS NULL
    OR removed_at > end_of_day(remove_by, $zone)
    OR revoked_at IS NULL
    OR revoked_at > end_of_day(remove_by, $zone)
  )
