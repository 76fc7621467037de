SELECT write_id, received_on AS occurred_on
FROM interface_write
WHERE received_on BETWEEN $period_start AND $period_end
  AND outcome = 'written' 
