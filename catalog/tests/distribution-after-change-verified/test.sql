SELECT distribution_id, participant_id, amount, currency, details_changed_at, requested_at, verified_by, verified_at, paid_at
FROM distribution
WHERE paid_on BETWEEN $period_start AND $period_end
  AND local_date(requested_at, $zone) - local_date(details_changed_at, $zone) <= $days
  AND (
    verified_by IS NULL
    OR verified_at IS NULL
    OR verified_at < details_changed_at
    OR verified_at > paid_at
  )
