SELECT id AS file_id FROM time_import
WHERE in_period(received_on)
  AND (records_sent <> records_loaded + records_rejected OR hours_sent_hundredths <> hours_loaded_hundredths + hours_rejected_hundredths)
