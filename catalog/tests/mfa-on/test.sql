SELECT DISTINCT account_id, _extracted_on AS seen_on, person_id, email, is_admin
FROM account_history
WHERE _extracted_on BETWEEN $period_start AND $period_end
  AND kind = 'human'
  AND status = 'active'
  AND mfa IS NOT TRUE
