SELECT DISTINCT d.device_id, d._extracted_on AS seen_on, d._extracted_on AS occurred_on
FROM device_history AS d
INNER JOIN person AS p ON lower(p.email) = lower(d.owner_email)
WHERE d._extracted_on BETWEEN $period_start AND $period_end
  AND d.is_managed
