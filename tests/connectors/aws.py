#!/usr/bin/env python3
"""Fills the AWS account of a moto server on this machine and prints what a collection of it must find, as JSON.

usage: aws.py http://127.0.0.1:PORT [USERS [BUCKETS [GROUPS]]]

Nobody signs in but for the first three calls, which make an administrator. From then on moto checks each signature (Signature Version 4) and each
policy, so that what signs requests is checked by a program that is not ours.
"""
import json
import sys
import urllib.request

import boto3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

endpoint = sys.argv[1]
users, buckets, groups = (int(count) for count in (sys.argv[2:5] + ["7", "5", "1"][len(sys.argv[2:5]):]))
assert endpoint.startswith("http://127.0.0.1:"), "on this machine only"
REGION = "us-east-1"


def tell(path, body=b""):
    urllib.request.urlopen(urllib.request.Request(endpoint + path, data=body, method="POST", headers={"Content-Type": "text/plain"})).read()


tell("/moto-api/reset")
tell("/moto-api/reset-auth", b"3")


def client(service, access_key="nobody", secret_key="nothing"):
    config = Config(retries={"max_attempts": 1})
    return boto3.client(service, endpoint_url=endpoint, region_name=REGION, aws_access_key_id=access_key, aws_secret_access_key=secret_key, config=config)


def policy(*actions):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]})


first = client("iam")
first.create_user(UserName="administrator")
first.put_user_policy(UserName="administrator", PolicyName="all", PolicyDocument=policy("*"))
key = first.create_access_key(UserName="administrator")["AccessKey"]
admin = key["AccessKeyId"], key["SecretAccessKey"]
iam, s3, ec2, rds, cloudtrail, kms = (client(name, *admin) for name in ("iam", "s3", "ec2", "rds", "cloudtrail", "kms"))

# Whoever may read IAM and nothing of S3.
iam.create_user(UserName="half-blind")
iam.put_user_policy(UserName="half-blind", PolicyName="iam", PolicyDocument=policy("iam:*"))
half = iam.create_access_key(UserName="half-blind")["AccessKey"]

managed = iam.create_policy(PolicyName="reports", PolicyDocument=policy("s3:GetObject"))["Policy"]["Arn"]
console, without_factor, attached = [], [], 0
for number in range(1, users + 1):
    name = f"user-{number}"
    iam.create_user(UserName=name)
    if number % 2:
        iam.create_login_profile(UserName=name, Password="Made-up-1!")
        console.append(name)
        if number == 3:
            without_factor.append(name)
        else:
            serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
            iam.enable_mfa_device(UserName=name, SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321")
    if number in (6, 7):
        iam.attach_user_policy(UserName=name, PolicyArn=managed)
        attached += 1
iam.update_account_password_policy(MinimumPasswordLength=12, RequireNumbers=True)

for number in range(1, buckets + 1):
    bucket = f"made-up-{number}"
    s3.create_bucket(Bucket=bucket)
    if number > 1:
        block = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    if number > 2:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

# The account closes one way of four: no bucket is closed by that alone. boto3 would ask a host named after the account.
ACCOUNT = "123456789012"
block = "<BlockPublicAcls>true</BlockPublicAcls>" + "".join(f"<{way}>false</{way}>" for way in ("IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"))
body = f'<PublicAccessBlockConfiguration xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/">{block}</PublicAccessBlockConfiguration>'
request = AWSRequest("PUT", endpoint + "/v20180820/configuration/publicAccessBlock", {"x-amz-account-id": ACCOUNT}, body.encode())
S3SigV4Auth(Credentials(*admin), "s3", REGION).add_auth(request)
urllib.request.urlopen(urllib.request.Request(request.url, data=body.encode(), method="PUT", headers={**request.headers, "Content-Type": "text/xml"})).read()

vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
for number in range(1, groups + 1):
    group = ec2.create_security_group(GroupName=f"group-{number}", Description="made up", VpcId=vpc)["GroupId"]
    # The first is open to anybody.
    network = "0.0.0.0/0" if number == 1 else "10.0.0.0/8"
    rule = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": network}]}]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rule)

for name, public in (("ledger", False), ("site", True)):
    rds.create_db_instance(DBInstanceIdentifier=name, Engine="postgres", DBInstanceClass="db.t3.micro", AllocatedStorage=20,
                           MasterUsername="made", MasterUserPassword="made-up-123", PubliclyAccessible=public, StorageEncrypted=not public)

s3.create_bucket(Bucket="made-up-logs")
for name in ("all", "stopped"):
    cloudtrail.create_trail(Name=name, S3BucketName="made-up-logs", IsMultiRegionTrail=True, EnableLogFileValidation=True)
cloudtrail.start_logging(Name="all")

keys = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(3)]
kms.enable_key_rotation(KeyId=keys[0])
# One that no service rotates.
kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")

json.dump({
    "access_key": admin[0], "secret_key": admin[1],
    "half_access_key": half["AccessKeyId"], "half_secret_key": half["SecretAccessKey"],
    "users": users + 2, "console": console, "without_factor": without_factor, "attached": attached,
    "buckets": buckets + 1, "unblocked": ["made-up-1", "made-up-logs"], "versioned": buckets - 2,
    "databases": 2, "trails": 2, "keys": 3, "access_keys": 2, "account": ACCOUNT,
}, sys.stdout)
