SELECT commit_id FROM git_commit
WHERE on_main AND in_period(local_day(committed_at)) AND NOT coalesce(lower(reviewed_by) <> lower(author_email), false)
