SELECT review_id FROM review WHERE in_period(due_on) AND NOT coalesce(completed_on <= due_on, false)
