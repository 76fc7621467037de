SELECT
  d.arn AS key_id,
  d.manager = 'CUSTOMER' AS is_of_customer,
  d.state = 'Enabled' AS is_enabled,
  d.spec = 'SYMMETRIC_DEFAULT' AND d.origin = 'AWS_KMS' AS can_rotate,
  CASE WHEN d.manager = 'AWS' THEN true ELSE r.is_rotated END AS rotates
FROM aws_kms_key_detail AS d
LEFT JOIN aws_kms_rotation AS r ON r.key_id = d.key_id
