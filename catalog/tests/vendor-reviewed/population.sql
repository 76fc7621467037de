SELECT vendor_id
FROM vendor
WHERE is_subservice
  AND onboarded_on <= $on
  AND (ended_on IS NULL OR ended_on >= $on)
