SELECT commit_id, repository, author_email, reviewed_by, committer_email, committed_at, change_ticket
FROM git_commit
WHERE on_default_branch
  AND local_date(committed_at, $zone) BETWEEN $period_start AND $period_end
  AND (reviewed_by IS NULL OR lower(reviewed_by) = lower(author_email))
