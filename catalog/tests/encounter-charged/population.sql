SELECT encounter_id, served_on + $days AS occurred_on
FROM encounter
WHERE served_on + $days BETWEEN $period_start AND $period_end
  AND status = 'completed' 
