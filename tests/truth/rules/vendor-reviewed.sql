SELECT vendor_id FROM vendor
WHERE is_subservice AND onboarded_on <= period_end() AND coalesce(ended_on >= period_end(), true)
  AND NOT coalesce(reviewed_by IS NOT NULL AND reviewed_on >= period_end() - INTERVAL 12 MONTH AND report_period_end_on >= period_end() - INTERVAL 12 MONTH, false)
