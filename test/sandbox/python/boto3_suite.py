"""boto3 as an independent client of the sandbox account. Run by python.test.ts; prints one JSON list of results.

Settings come in ROLETRAIL_SUITE (JSON): endpoint, keys by holder, tokens, account ids.
"""

import base64
import hashlib
import hmac
import io
import json
import os
import struct
import sys
import time
import unittest
import urllib.error
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

SUITE = json.loads(os.environ["ROLETRAIL_SUITE"])
MAIN = SUITE["accounts"]["main"]
OTHER = SUITE["accounts"]["other"]
# What the client would catch itself must reach the server: it is the server that is on trial.
UNCHECKED = Config(parameter_validation=False, retries={"max_attempts": 1})


def client(service, holder="main/admin", credentials=None, config=UNCHECKED):
    if credentials is None:
        key = SUITE["keys"][holder]
        named = {"aws_access_key_id": key["accessKeyId"], "aws_secret_access_key": key["secretAccessKey"]}
    else:
        named = {
            "aws_access_key_id": credentials["AccessKeyId"],
            "aws_secret_access_key": credentials["SecretAccessKey"],
            "aws_session_token": credentials["SessionToken"],
        }
    return boto3.client(service, endpoint_url=SUITE["endpoint"], region_name="eu-west-1", config=config, **named)


def role(name, account=MAIN):
    return f"arn:aws:iam::{account}:role/{name}"


def assume(name="Plain", holder="main/admin", credentials=None, **more):
    sts = client("sts", holder, credentials)
    arn = name if name.startswith("arn:") else role(name)
    return sts.assume_role(RoleArn=arn, RoleSessionName=more.pop("RoleSessionName", "py"), **more)


def totp(seed):
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(seed), counter, hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


class Sandbox(unittest.TestCase):
    def refused(self, code, call, *positional, **named):
        with self.assertRaises(ClientError) as caught:
            call(*positional, **named)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        return caught.exception.response["Error"]["Message"]

    def test_a_long_term_key_is_its_user(self):
        said = client("sts").get_caller_identity()
        self.assertEqual((said["Account"], said["Arn"]), (MAIN, f"arn:aws:iam::{MAIN}:user/admin"))

    def test_an_assumed_role_reads_iam_page_by_page(self):
        iam = client("iam", credentials=assume()["Credentials"])
        names = [one["RoleName"] for page in iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 3}) for one in page["Roles"]]
        self.assertIn("Plain", names)
        self.assertEqual(len(names), len(set(names)))

    def test_the_twelve_invalid_calls_are_refused(self):
        fifty = [{"Key": f"k{at}", "Value": "v" * 256} for at in range(50)]
        self.refused("AccessDenied", assume, "None")
        self.refused("ValidationError", assume, DurationSeconds=43_200)
        self.refused("AccessDenied", assume, "Bare", SourceIdentity="p_jo")
        self.refused("PackedPolicyTooLarge", assume, Tags=fifty)
        self.refused("InvalidParameterValue", assume, Tags=[{"Key": "Dept", "Value": "a"}, {"Key": "dept", "Value": "b"}])
        self.refused("ValidationError", assume, Policy=json.dumps({"Version": "2012-10-17", "Statement": [], "Id": "x" * 5_000}))
        self.refused("MalformedPolicyDocument", assume, Policy="not json")
        self.refused("ValidationError", assume, RoleSessionName="a b")
        self.refused("ValidationError", assume, RoleSessionName="aws:me")
        self.refused("AccessDenied", assume, "External", ExternalId="wrong")
        first = assume("Long")["Credentials"]
        self.refused("ValidationError", assume, "Second", credentials=first, DurationSeconds=43_200)
        self.refused("AccessDenied", client("sts", credentials=first).get_session_token)

    def test_source_identity_and_transitive_tags_go_on_through_a_chain(self):
        tags = [{"Key": "RoletrailMint", "Value": "m_1"}]
        first = assume(SourceIdentity="p_jo", Tags=tags, TransitiveTagKeys=["RoletrailMint"])
        self.assertEqual(first["SourceIdentity"], "p_jo")
        self.assertGreater(first["PackedPolicySize"], 0)
        self.assertEqual(assume("Second", credentials=first["Credentials"])["SourceIdentity"], "p_jo")

    def test_a_web_identity_needs_no_key(self):
        sts = boto3.client("sts", endpoint_url=SUITE["endpoint"], region_name="eu-west-1", config=Config(signature_version=UNSIGNED))
        said = sts.assume_role_with_web_identity(RoleArn=role("Web"), RoleSessionName="py", WebIdentityToken=SUITE["token"])
        self.assertEqual(said["Audience"], "sts.amazonaws.com")
        self.refused("InvalidIdentityToken", sts.assume_role_with_web_identity, RoleArn=role("Web"), RoleSessionName="py", WebIdentityToken=SUITE["token"][:-8] + "AAAAAAAA")
        self.refused("AccessDenied", sts.assume_role_with_web_identity, RoleArn=role("WebTwo"), RoleSessionName="py", WebIdentityToken=SUITE["token"])

    def test_mfa_opens_a_role_once(self):
        serial = f"arn:aws:iam::{MAIN}:mfa/mfa-user"
        code = totp(SUITE["seed"])
        self.refused("AccessDenied", assume, "Mfa", holder="main/mfa-user")
        assume("Mfa", holder="main/mfa-user", SerialNumber=serial, TokenCode=code)
        self.refused("AccessDenied", assume, "Mfa", holder="main/mfa-user", SerialNumber=serial, TokenCode=code)

    def test_another_account_opens_only_where_both_sides_allow(self):
        said = assume(role("Partner", OTHER))
        self.assertEqual(client("sts", credentials=said["Credentials"]).get_caller_identity()["Account"], OTHER)
        self.refused("AccessDenied", assume, role("Closed", OTHER))

    def test_revoking_older_sessions_bites_and_newer_ones_work(self):
        iam = client("iam")
        old = client("iam", credentials=assume("Second")["Credentials"])
        old.list_users()
        document = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": {"DateLessThan": {"aws:TokenIssueTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))}}}],
        }
        iam.put_role_policy(RoleName="Second", PolicyName="AWSRevokeOlderSessions", PolicyDocument=json.dumps(document))
        self.assertIn("explicit deny in an identity-based policy", self.refused("AccessDenied", old.list_users))
        time.sleep(2.1)
        fresh = assume("Second")["Credentials"]
        client("iam", credentials=fresh).list_users()
        self.assertEqual(iam.get_role_policy(RoleName="Second", PolicyName="AWSRevokeOlderSessions")["PolicyDocument"], document)
        iam.delete_role_policy(RoleName="Second", PolicyName="AWSRevokeOlderSessions")
        old.list_users()

    def test_objects_go_up_and_come_down_whole(self):
        s3 = client("s3", config=Config())
        s3.put_object(Bucket="main-data", Key="py/räksmörgås + 1.txt", Body=b"hej", Metadata={"by": "py"})
        got = s3.get_object(Bucket="main-data", Key="py/räksmörgås + 1.txt")
        self.assertEqual((got["Body"].read(), got["Metadata"]), (b"hej", {"by": "py"}))
        large = os.urandom(11 * 1024 * 1024)
        s3.upload_fileobj(io.BytesIO(large), "main-data", "py/large.bin", Config=TransferConfig(multipart_threshold=5 * 1024 * 1024, multipart_chunksize=5 * 1024 * 1024))
        down = io.BytesIO()
        s3.download_fileobj("main-data", "py/large.bin", down)
        self.assertEqual(hashlib.sha256(down.getvalue()).digest(), hashlib.sha256(large).digest())
        self.assertTrue(s3.head_object(Bucket="main-data", Key="py/large.bin")["ETag"].endswith('-3"'))
        s3.delete_objects(Bucket="main-data", Delete={"Objects": [{"Key": "py/large.bin"}, {"Key": "py/räksmörgås + 1.txt"}]})
        self.assertEqual(s3.list_objects_v2(Bucket="main-data", Prefix="py/")["KeyCount"], 0)
        self.refused("NoSuchKey", s3.get_object, Bucket="main-data", Key="py/large.bin")
        self.refused("AccessDenied", s3.list_objects_v2, Bucket="other-data")

    def test_presigned_urls_open_what_their_signer_may_and_end(self):
        s3 = client("s3", credentials=assume()["Credentials"], config=Config(signature_version="s3v4"))
        s3.put_object(Bucket="main-data", Key="signed.txt", Body=b"open")
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "main-data", "Key": "signed.txt"}, ExpiresIn=60)
        self.assertEqual(urllib.request.urlopen(url).read(), b"open")
        for wrong in (url.replace("signed.txt", "other.txt"), url[:-4] + "0000"):
            self.assertEqual(self.status(wrong), 403)
        short = s3.generate_presigned_url("get_object", Params={"Bucket": "main-data", "Key": "signed.txt"}, ExpiresIn=1)
        time.sleep(2.1)
        self.assertEqual(self.status(short), 403)

    def test_a_presigned_get_caller_identity_proves_its_signer(self):
        sts = client("sts", credentials=assume()["Credentials"])
        url = sts.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
        self.assertIn("assumed-role/Plain/py", urllib.request.urlopen(url).read().decode())

    def test_cloudtrail_switches_data_events_on_for_one_bucket(self):
        trail = client("cloudtrail", holder="other/admin")
        self.assertEqual(trail.describe_trails()["trailList"][0]["S3BucketName"], "org-trail")
        trail.put_event_selectors(TrailName="organization", EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::other-data/"]}]}])
        kept = trail.get_event_selectors(TrailName="organization")["EventSelectors"][0]
        self.assertEqual(kept["DataResources"][0]["Values"], ["arn:aws:s3:::other-data/"])
        self.refused("AccessDeniedException", client("cloudtrail", holder="main/nobody").describe_trails)

    def test_a_role_made_here_can_be_tried_here(self):
        iam = client("iam")
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": MAIN}, "Action": "sts:AssumeRole"}]}
        iam.create_role(RoleName="Made", AssumeRolePolicyDocument=json.dumps(trust))
        made = client("sts", credentials=assume("Made")["Credentials"])
        self.assertIn("/Made/", made.get_caller_identity()["Arn"])
        self.refused("AccessDenied", client("iam", credentials=assume("Made")["Credentials"]).list_roles)
        iam.delete_role(RoleName="Made")
        self.refused("AccessDenied", assume, "Made")

    def test_iam_answers_are_read_whole_by_another_client(self):
        iam = client("iam")
        document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:List*", "Resource": "*"}}
        policy = iam.create_policy(PolicyName="Walk", PolicyDocument=json.dumps(document))["Policy"]
        iam.create_user(UserName="walker", Tags=[{"Key": "team", "Value": "a & b"}])
        iam.attach_user_policy(UserName="walker", PolicyArn=policy["Arn"])
        version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId="v1")["PolicyVersion"]
        self.assertEqual((version["Document"], version["IsDefaultVersion"]), (document, True))
        self.assertEqual(iam.get_user(UserName="walker")["User"]["Tags"], [{"Key": "team", "Value": "a & b"}])
        details = iam.get_account_authorization_details(Filter=["User"])["UserDetailList"]
        walker = next(one for one in details if one["UserName"] == "walker")
        self.assertEqual(walker["AttachedManagedPolicies"], [{"PolicyName": "Walk", "PolicyArn": policy["Arn"]}])
        self.assertEqual(iam.get_account_summary()["SummaryMap"]["Policies"], 1)
        ask = {"PolicySourceArn": walker["Arn"], "ActionNames": ["iam:ListRoles", "iam:GetRole"]}
        said = iam.simulate_principal_policy(**ask)["EvaluationResults"]
        self.assertEqual([one["EvalDecision"] for one in said], ["allowed", "implicitDeny"])
        self.assertEqual(said[0]["MatchedStatements"][0]["SourcePolicyId"], "Walk")
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName="walker")["VirtualMFADevice"]
        self.assertEqual(len(base64.b32decode(device["Base32StringSeed"])), 40)
        self.refused("DeleteConflict", iam.delete_policy, PolicyArn=policy["Arn"])
        self.refused("MalformedPolicyDocument", iam.create_policy, PolicyName="Bad", PolicyDocument="{}")

    def test_wrong_keys_are_told_apart(self):
        key = SUITE["keys"]["main/admin"]
        wrong = boto3.client("sts", endpoint_url=SUITE["endpoint"], region_name="eu-west-1", aws_access_key_id=key["accessKeyId"], aws_secret_access_key="wrong")
        self.refused("SignatureDoesNotMatch", wrong.get_caller_identity)
        unknown = boto3.client("sts", endpoint_url=SUITE["endpoint"], region_name="eu-west-1", aws_access_key_id="AKIAUNKNOWNUNKNOWN22", aws_secret_access_key="wrong")
        self.refused("InvalidClientTokenId", unknown.get_caller_identity)

    def status(self, url):
        try:
            return urllib.request.urlopen(url).status
        except urllib.error.HTTPError as error:
            return error.code


class Told(unittest.TextTestResult):
    def __init__(self, *given):
        super().__init__(*given)
        self.told = []

    def addSuccess(self, test):
        self.told.append({"name": test._testMethodName, "ok": True})

    def addFailure(self, test, error):
        self.told.append({"name": test._testMethodName, "ok": False, "trace": self._exc_info_to_string(error, test)})

    addError = addFailure


if __name__ == "__main__":
    runner = unittest.TextTestRunner(stream=io.StringIO(), resultclass=Told)
    json.dump(runner.run(unittest.defaultTestLoader.loadTestsFromTestCase(Sandbox)).told, sys.stdout)
