-- Approvals count only where the default branch is protected, nobody may push to it past a merge request, and authors do not approve
-- themselves. A pattern of a protected branch has * for anything.
SELECT
  concat('gitlab/', p.path) AS repository_id,
  p.name,
  p.default_branch,
  p.is_archived,
  p.visibility = 'public' AS is_public,
  CASE
    WHEN b.branches IS NULL OR coalesce(b.who_may_push, 0) > 0 OR coalesce(s.by_author, true) THEN 0
    ELSE coalesce(r.required_approvals, 0)
  END AS required_approvals,
  coalesce(s.ends_on_push, false) AS dismisses_stale_approvals,
  CAST(NULL AS boolean) AS binds_administrators,
  coalesce(b.allows_force_push, true) AS allows_force_push,
  coalesce(p.requires_pipeline, false) AND coalesce(b.who_may_push, 1) = 0 AS requires_checks,
  p.detects_secrets AS scans_secrets
FROM gitlab_project AS p
LEFT JOIN (
  SELECT
    d.id,
    count(DISTINCT n.name) AS branches,
    bool_or(n.allows_force_push) AS allows_force_push,
    count(DISTINCT CASE WHEN coalesce(a.access_level, 60) > 0 THEN a.id END) AS who_may_push
  FROM gitlab_project AS d
  INNER JOIN gitlab_protected_branch AS n ON n.project_id = d.id AND d.default_branch LIKE replace(n.name, '*', '%')
  LEFT JOIN gitlab_push_access AS a ON a.project_id = d.id AND a.branch = n.name
  GROUP BY d.id
) AS b ON b.id = p.id
LEFT JOIN (
  SELECT project_id, max(required_approvals) AS required_approvals FROM gitlab_approval_rule GROUP BY project_id
) AS r ON r.project_id = p.id
LEFT JOIN gitlab_approval_setting AS s ON s.project_id = p.id
