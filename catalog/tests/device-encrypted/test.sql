SELECT DISTINCT device_id, _extracted_on AS seen_on, name, system, owner_email
FROM device_history
WHERE _extracted_on BETWEEN $period_start AND $period_end
  AND is_managed
  AND is_encrypted IS NOT TRUE
