-- Twelve months: the review is yearly, and readers take a report that ended earlier as stale.
SELECT vendor_id, name, service, report_kind, report_period_end_on, reviewed_on, reviewed_by
FROM vendor
WHERE is_subservice
  AND onboarded_on <= $on
  AND (ended_on IS NULL OR ended_on >= $on)
  AND (
    reviewed_by IS NULL
    OR reviewed_on IS NULL
    OR reviewed_on < $on - INTERVAL '12 months'
    OR report_period_end_on IS NULL
    OR report_period_end_on < $on - INTERVAL '12 months'
  )
