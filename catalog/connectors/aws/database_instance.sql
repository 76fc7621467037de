SELECT
  arn AS database_id,
  engine,
  is_encrypted,
  is_public,
  backup_days,
  is_multi_zone,
  is_protected AS is_deletion_protected
FROM aws_db_instance
