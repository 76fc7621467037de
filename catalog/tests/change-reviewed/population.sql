SELECT commit_id, local_date(committed_at, $zone) AS occurred_on
FROM git_commit
WHERE on_default_branch
  AND local_date(committed_at, $zone) BETWEEN $period_start AND $period_end
