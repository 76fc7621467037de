-- Each of the four ways is closed where the bucket says so or the account does.
SELECT
  b.name AS bucket_id,
  c.account_id,
  (coalesce(p.blocks_public_acls, false) OR coalesce(a.blocks_public_acls, false))
    AND (coalesce(p.ignores_public_acls, false) OR coalesce(a.ignores_public_acls, false))
    AND (coalesce(p.blocks_public_policy, false) OR coalesce(a.blocks_public_policy, false))
    AND (coalesce(p.restricts_public_buckets, false) OR coalesce(a.restricts_public_buckets, false)) AS is_public_blocked,
  e.algorithm IS NOT NULL AS is_encrypted,
  coalesce(v.status, '') = 'Enabled' AS is_versioned,
  b.created_at
FROM aws_s3_bucket AS b
LEFT JOIN aws_s3_public_access_block AS p ON p.bucket = b.name
LEFT JOIN aws_s3_encryption AS e ON e.bucket = b.name
LEFT JOIN aws_s3_versioning AS v ON v.bucket = b.name
CROSS JOIN aws_s3_account_block AS a
CROSS JOIN aws_account AS c
