SELECT
  concat('jamf/', id) AS device_id,
  name,
  'computer' AS kind,
  system,
  system_version,
  email AS owner_email,
  coalesce(is_managed, false) AS is_managed,
  CASE WHEN encryption IS NOT NULL AND encryption <> 'UNKNOWN' THEN encryption = 'ENCRYPTED' END AS is_encrypted,
  enrolled_at,
  last_seen_at
FROM jamf_computer
