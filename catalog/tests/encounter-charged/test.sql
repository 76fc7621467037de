SELECT e.encounter_id, e.client_id, e.served_on
FROM encounter AS e
WHERE e.served_on + $days BETWEEN $period_start AND $period_end
  AND e.status = 'completed'
  AND e.served_on + $days <= $on
  AND NOT EXISTS (
    SELECT 1 FROM charge AS c
    WHERE c.encounter_id = e.encounter_id
      AND c.charged_on <= e.served_on + $days
  )
