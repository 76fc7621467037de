-- A default branch is protected by branch protection, by rulesets, or by both: what one of them demands holds. Whom a ruleset binds is not
-- told here, so administrators count as bound by branch protection alone.
SELECT
  r.full_name AS repository_id,
  r.name,
  r.default_branch,
  r.is_archived,
  r.visibility = 'public' AS is_public,
  greatest(coalesce(p.required_approvals, 0), coalesce(x.required_approvals, 0)) AS required_approvals,
  coalesce(p.dismisses_stale_reviews, false) OR coalesce(x.dismisses_stale_reviews, false) AS dismisses_stale_approvals,
  coalesce(p.enforces_admins, false) AS binds_administrators,
  coalesce(p.allows_force_pushes, true) AND NOT coalesce(x.keeps_history, false) AS allows_force_push,
  p.first_required_check IS NOT NULL OR x.first_required_check IS NOT NULL AS requires_checks,
  r.secret_scanning = 'enabled' AS scans_secrets
FROM github_repository AS r
LEFT JOIN github_branch_protection AS p ON p.repository = r.name
LEFT JOIN (
  SELECT
    repository,
    max(required_approvals) AS required_approvals,
    bool_or(dismisses_stale_reviews) AS dismisses_stale_reviews,
    bool_or(type = 'non_fast_forward') AS keeps_history,
    max(first_required_check) AS first_required_check
  FROM github_branch_rule
  GROUP BY repository
) AS x ON x.repository = r.name
