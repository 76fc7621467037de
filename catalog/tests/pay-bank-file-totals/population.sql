-- The files of both sides: as the application recorded them and as the bank received them.
SELECT file_id, max(value_on) AS occurred_on
FROM (
    SELECT file_id, value_on
    FROM bank_file
    WHERE value_on BETWEEN $period_start AND $period_end
    UNION ALL
    SELECT file_id, value_on
    FROM bank_line
    WHERE value_on BETWEEN $period_start AND $period_end
) AS side
GROUP BY file_id
