-- What counts is the last working day, not the day on which the HR system learned of it. An account that was disabled
-- in time and is active again has not lost its access.
WITH leaver AS (
    SELECT
        a.account_id, a.person_id, a.status, a.disabled_at, p.ended_at, p.end_recorded_at,
        add_business_days(local_date(p.ended_at, $zone), $business_days, $calendar) AS remove_by
    FROM account AS a
    INNER JOIN person AS p ON p.person_id = a.person_id
    WHERE a.kind = 'human'
)
SELECT account_id, person_id, ended_at, end_recorded_at, remove_by, disabled_at, status
FROM leaver
WHERE remove_by BETWEEN $period_start AND $period_end
  AND remove_by <= $on
  AND (disabled_at IS NULL OR disabled_at > end_of_day(remove_by, $zone) OR status = 'active')
