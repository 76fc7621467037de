SELECT
  concat('intune/', id) AS device_id,
  name,
  CASE WHEN lower(system) IN ('ios', 'ipados', 'android', 'androidforwork', 'androidenterprise') THEN 'phone' ELSE 'computer' END AS kind,
  system,
  system_version,
  email AS owner_email,
  management = 'managed' AS is_managed,
  is_encrypted,
  enrolled_at,
  last_seen_at
FROM intune_device
