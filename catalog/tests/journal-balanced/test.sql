WITH by_currency AS (
  SELECT entry_id, currency, sum(debit) AS debits, sum(credit) AS credits
  FROM journal_line
  WHERE posted_on BETWEEN $period_start AND $period_end
  GROUP BY entry_id, currency
)
SELECT entry_id, count(*) AS currencies_out_of_balance
FROM by_currency
WHERE debits <> credits
GROUP BY entry_id
