import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import {
  CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  LookupEventsCommand,
  PutEventSelectorsCommand,
  paginateLookupEvents,
} from "@aws-sdk/client-cloudtrail";
import { GetRoleCommand, ListRolesCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { HeadBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { assume, iamOf, keysOf, refusal, roleArn, stsOf } from "../clients.ts";
import {
  accountIds,
  allow,
  policy,
  type Started,
  smallOrganisation,
  startSandbox,
  type TrailRecord,
  trailFiles,
} from "../start.ts";

const { main, other } = accountIds;
let sandbox: Started;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

const recordsOf = (name: string): TrailRecord[] => sandbox.records().filter((record) => record["eventName"] === name);
const only = (name: string): TrailRecord => {
  const found = recordsOf(name);
  expect(found, name).toHaveLength(1);
  return found[0] ?? {};
};
const second = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

describe("AssumeRole in the trail", () => {
  test("of an account's own user", async () => {
    const key = await assume(sandbox, "Plain", {
      ExternalId: "unasked",
      DurationSeconds: 900,
      SourceIdentity: "p_jo",
      Tags: [{ Key: "RoletrailMint", Value: "m_1" }],
      TransitiveTagKeys: ["RoletrailMint"],
      Policy: policy(allow("*")),
    });
    const record = only("AssumeRole");
    expect(record).toMatchObject({
      eventVersion: "1.11",
      eventSource: "sts.amazonaws.com",
      awsRegion: "eu-west-1",
      sourceIPAddress: "127.0.0.1",
      eventType: "AwsApiCall",
      eventCategory: "Management",
      managementEvent: true,
      readOnly: true,
      recipientAccountId: main,
      userIdentity: {
        type: "IAMUser",
        arn: `arn:aws:iam::${main}:user/admin`,
        accountId: main,
        accessKeyId: sandbox.key("main/admin").accessKeyId,
        userName: "admin",
      },
      requestParameters: {
        roleArn: roleArn("Plain"),
        roleSessionName: "jo",
        durationSeconds: 900,
        externalId: "unasked",
        sourceIdentity: "p_jo",
        tags: [{ key: "RoletrailMint", value: "m_1" }],
        transitiveTagKeys: ["RoletrailMint"],
      },
      responseElements: {
        credentials: { accessKeyId: key.accessKeyId, sessionToken: key.sessionToken },
        assumedRoleUser: { arn: `arn:aws:sts::${main}:assumed-role/Plain/jo` },
        sourceIdentity: "p_jo",
      },
      resources: [{ accountId: main, type: "AWS::IAM::Role", ARN: roleArn("Plain") }],
      additionalEventData: { RequestDetails: { awsServingRegion: "eu-west-1", endpointType: "regional" } },
      tlsDetails: { clientProvidedHostHeader: new URL(sandbox.url).host },
    });
    expect(record["eventTime"]).toMatch(second);
    expect(record["responseElements"].credentials.expiration).toMatch(
      /^[A-Z][a-z]{2} \d{1,2}, \d{4}, \d{1,2}:\d{2}:\d{2} [AP]M$/,
    );
    expect(record["responseElements"].packedPolicySize).toBeGreaterThan(0);
    expect(record["sharedEventID"]).toBeUndefined();
    expect(JSON.stringify(record)).not.toContain(key.secretAccessKey);
  });

  test("denied: without parameters and resources, the role in the message alone", async () => {
    expect(await refusal(assume(sandbox, "None"))).toMatch(/^AccessDenied/);
    const record = only("AssumeRole");
    expect(record).toMatchObject({ errorCode: "AccessDenied", requestParameters: null, responseElements: null });
    expect(record["errorMessage"]).toBe(
      `User: arn:aws:iam::${main}:user/admin is not authorized to perform: sts:AssumeRole on resource: ${roleArn("None")}`,
    );
    expect(record["resources"]).toBeUndefined();
  });

  test("invalid: with the parameters", async () => {
    expect(await refusal(assume(sandbox, "Plain", { DurationSeconds: 43_200 }))).toMatch(/^ValidationError/);
    expect(only("AssumeRole")).toMatchObject({
      errorCode: "ValidationError",
      requestParameters: { durationSeconds: 43_200 },
    });
  });

  test("across accounts: two records under one sharedEventID, the stranger's without ARN and key", async () => {
    await assume(sandbox, roleArn("Partner", other));
    const records = recordsOf("AssumeRole");
    expect(records).toHaveLength(2);
    const [own, theirs] = [main, other].map((account) =>
      records.find((record) => record["recipientAccountId"] === account),
    );
    expect(own?.["sharedEventID"]).toBe(theirs?.["sharedEventID"]);
    expect(own?.["eventID"]).not.toBe(theirs?.["eventID"]);
    expect(own?.["userIdentity"].type).toBe("IAMUser");
    expect(Object.keys(theirs?.["userIdentity"]).sort()).toEqual(["accountId", "principalId", "type"]);
    expect(theirs?.["userIdentity"]).toMatchObject({ type: "AWSAccount", accountId: main });
    expect(theirs?.["responseElements"].credentials.accessKeyId).toBe(
      own?.["responseElements"].credentials.accessKeyId,
    );
  });
});

test("a role session's calls carry issuer, creation date, source identity and MFA as text", async () => {
  const key = await assume(sandbox, `arn:aws:iam::${main}:role/service-role/WithPath`, { SourceIdentity: "p_jo" });
  await iamOf(sandbox, key).send(new GetRoleCommand({ RoleName: "Plain" }));
  const issued = only("AssumeRole");
  const record = only("GetRole");
  expect(record).toMatchObject({
    eventSource: "iam.amazonaws.com",
    awsRegion: "us-east-1",
    readOnly: true,
    requestParameters: { roleName: "Plain" },
  });
  expect(record["userIdentity"]).toEqual({
    type: "AssumedRole",
    principalId: issued["responseElements"].assumedRoleUser.assumedRoleId,
    arn: `arn:aws:sts::${main}:assumed-role/WithPath/jo`,
    accountId: main,
    accessKeyId: key.accessKeyId,
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        principalId: issued["responseElements"].assumedRoleUser.assumedRoleId.split(":")[0],
        arn: `arn:aws:iam::${main}:role/service-role/WithPath`,
        accountId: main,
        userName: "WithPath",
      },
      attributes: { creationDate: issued["eventTime"], mfaAuthenticated: "false" },
      sourceIdentity: "p_jo",
    },
  });
});

test("AssumeRoleWithWebIdentity names provider, audience and subject, and the token never", async () => {
  const sts = new STSClient({ ...sandbox.client, credentials: { accessKeyId: "", secretAccessKey: "" } });
  const sub = `${main}:Web:k4z`;
  const token = await sandbox.token({
    sub,
    "https://aws.amazon.com/tags": {
      principal_tags: { RoletrailMint: ["m_1"] },
      transitive_tag_keys: ["RoletrailMint"],
    },
  });
  const input = { RoleArn: roleArn("Web"), RoleSessionName: "jo", WebIdentityToken: token };
  const answer = await sts.send(new AssumeRoleWithWebIdentityCommand(input));
  await refusal(sts.send(new AssumeRoleWithWebIdentityCommand({ ...input, RoleArn: roleArn("WebTwo") })));
  const provider = `arn:aws:iam::${main}:oidc-provider/issuer.roletrail.test`;
  const [good, denied] = recordsOf("AssumeRoleWithWebIdentity");
  expect(good).toMatchObject({
    userIdentity: {
      type: "WebIdentityUser",
      principalId: `${provider}:sts.amazonaws.com:${sub}`,
      userName: sub,
      identityProvider: provider,
    },
    requestParameters: {
      roleArn: roleArn("Web"),
      principalTags: { RoletrailMint: "m_1" },
      transitiveTagKeys: ["RoletrailMint"],
    },
    responseElements: {
      credentials: { accessKeyId: answer.Credentials?.AccessKeyId },
      provider,
      audience: "sts.amazonaws.com",
      subjectFromWebIdentityToken: sub,
    },
    resources: [{ type: "AWS::IAM::Role", ARN: roleArn("Web") }],
    additionalEventData: { identityProviderConnectionVerificationMethod: "IAMTrustStore" },
    readOnly: true,
  });
  expect(denied).toMatchObject({ errorCode: "AccessDenied", requestParameters: { roleArn: roleArn("WebTwo") } });
  expect(JSON.stringify([good, denied])).not.toContain(token);
});

test("GetSessionToken's user goes on as itself under the new key; GetFederationToken is no read and makes a federated user", async () => {
  const session = keysOf(
    (await stsOf(sandbox, "main/admin").send(new GetSessionTokenCommand({ DurationSeconds: 900 }))).Credentials,
  );
  await stsOf(sandbox, session).send(new GetCallerIdentityCommand({}));
  const lent = await stsOf(sandbox, "main/federator").send(
    new GetFederationTokenCommand({ Name: "jo", Policy: policy(allow("*")) }),
  );
  const s3 = new S3Client({ ...sandbox.client, credentials: keysOf(lent.Credentials) });
  await s3.send(new HeadBucketCommand({ Bucket: "main-data" }));
  expect(only("GetSessionToken")).toMatchObject({ readOnly: true, requestParameters: { durationSeconds: 900 } });
  const { userIdentity } = only("GetCallerIdentity");
  expect(userIdentity).toMatchObject({ type: "IAMUser", userName: "admin", accessKeyId: session.accessKeyId });
  expect(userIdentity.sessionContext).toEqual({
    attributes: { creationDate: only("GetSessionToken")["eventTime"], mfaAuthenticated: "false" },
  });
  expect(only("GetFederationToken")).toMatchObject({
    readOnly: false,
    requestParameters: { name: "jo" },
    responseElements: {
      federatedUser: { federatedUserId: `${main}:jo`, arn: `arn:aws:sts::${main}:federated-user/jo` },
    },
  });
  expect(only("HeadBucket")).toMatchObject({
    eventCategory: "Management",
    userIdentity: {
      type: "FederatedUser",
      principalId: `${main}:jo`,
      sessionContext: { sessionIssuer: { type: "IAMUser", userName: "federator" } },
    },
  });
});

test("an IAM change is a write with its parameters; a refused one has none", async () => {
  const document = policy(allow("s3:GetObject"));
  await iamOf(sandbox, "main/admin").send(
    new PutRolePolicyCommand({ RoleName: "Plain", PolicyName: "P", PolicyDocument: document }),
  );
  await refusal(iamOf(sandbox, "main/nobody").send(new ListRolesCommand({})));
  await refusal(iamOf(sandbox, "main/admin").send(new GetRoleCommand({ RoleName: "None" })));
  expect(only("PutRolePolicy")).toMatchObject({
    readOnly: false,
    requestParameters: { roleName: "Plain", policyName: "P", policyDocument: document },
  });
  expect(only("ListRoles")).toMatchObject({ errorCode: "AccessDenied", requestParameters: null });
  expect(only("GetRole")).toMatchObject({
    errorCode: "NoSuchEntityException",
    requestParameters: { roleName: "None" },
  });
});

test("what is not signed well leaves no record", async () => {
  const wrong = { ...sandbox.key("main/admin"), secretAccessKey: "wrong" };
  await refusal(stsOf(sandbox, wrong).send(new GetCallerIdentityCommand({})));
  expect(sandbox.records()).toEqual([]);
});

test("CloudTrail tells its trail, and selectors of both kinds are kept over a restart", async () => {
  const trail = () => new CloudTrailClient({ ...sandbox.client, credentials: sandbox.key("main/admin") });
  const { trailList } = await trail().send(new DescribeTrailsCommand({}));
  expect(trailList?.[0]).toMatchObject({
    Name: "organization",
    S3BucketName: "org-trail",
    IsOrganizationTrail: true,
    HasCustomEventSelectors: false,
  });
  expect((await trail().send(new GetTrailStatusCommand({ Name: trailList?.[0]?.TrailARN }))).IsLogging).toBe(true);
  expect(await refusal(trail().send(new GetTrailStatusCommand({ Name: "other" })))).toMatch(/^TrailNotFound/);
  await trail().send(
    new PutEventSelectorsCommand({
      TrailName: "organization",
      AdvancedEventSelectors: [
        { FieldSelectors: [{ Field: "eventCategory", Equals: ["Management"] }] },
        {
          FieldSelectors: [
            { Field: "eventCategory", Equals: ["Data"] },
            { Field: "resources.type", Equals: ["AWS::S3::Object"] },
            { Field: "resources.ARN", StartsWith: ["arn:aws:s3:::main-data/kept"] },
          ],
        },
      ],
    }),
  );
  await sandbox.restart();
  const kept = await trail().send(new GetEventSelectorsCommand({ TrailName: "organization" }));
  expect(kept.AdvancedEventSelectors).toHaveLength(2);
  const s3 = new S3Client({ ...sandbox.client, credentials: sandbox.key("main/admin") });
  for (const Key of ["kept/a", "other/a"]) await s3.send(new PutObjectCommand({ Bucket: "main-data", Key, Body: "x" }));
  expect(recordsOf("PutObject").map((record) => record["requestParameters"].key)).toEqual(["kept/a"]);
  const nobody = new CloudTrailClient({ ...sandbox.client, credentials: sandbox.key("main/nobody") });
  expect(await refusal(nobody.send(new DescribeTrailsCommand({})))).toMatch(/^AccessDenied/);
});

test("LookupEvents finds one's own account's management events by one attribute, newest first, a page at a time", async () => {
  const trail = new CloudTrailClient({ ...sandbox.client, credentials: sandbox.key("main/admin") });
  const s3 = new S3Client({ ...sandbox.client, credentials: sandbox.key("main/admin") });
  for (const _ of [1, 2, 3]) await assume(sandbox, "Plain");
  await stsOf(sandbox, "other/admin").send(new GetCallerIdentityCommand({}));
  await iamOf(sandbox, "main/admin").send(new GetRoleCommand({ RoleName: "Plain" }));
  await s3.send(new PutObjectCommand({ Bucket: "main-data", Key: "a", Body: "x" }));
  const written = recordsOf("AssumeRole");
  const found: { CloudTrailEvent?: string | undefined }[][] = [];
  const byName = { LookupAttributes: [{ AttributeKey: "EventName", AttributeValue: "AssumeRole" }] } as const;
  for await (const { Events = [] } of paginateLookupEvents(
    { client: trail, pageSize: 2 },
    { ...byName, LookupAttributes: [...byName.LookupAttributes] },
  ))
    found.push(Events);
  expect(found.map((page) => page.length)).toEqual([2, 1]);
  const shown = found.flat().map(({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent ?? "{}"));
  expect(new Set(shown.map(({ eventID }) => eventID))).toEqual(new Set(written.map(({ eventID }) => eventID)));
  expect(shown[0]).toEqual(written.find(({ eventID }) => eventID === shown[0].eventID));
  // IAM's events lie in us-east-1, data events and other accounts' nowhere.
  const all = await trail.send(new LookupEventsCommand({}));
  // Its own calls are delivered like any other, sooner or later.
  const names = all.Events?.map(({ EventName }) => EventName).filter((name) => name !== "LookupEvents");
  expect(new Set(names)).toEqual(new Set(["AssumeRole"]));
  const east = new CloudTrailClient({ ...sandbox.client, region: "us-east-1", credentials: sandbox.key("main/admin") });
  expect((await east.send(new LookupEventsCommand({}))).Events?.map(({ EventName }) => EventName)).toEqual(["GetRole"]);
  const later = new Date(Date.now() + 60_000);
  expect(
    (await trail.send(new LookupEventsCommand({ StartTime: later, EndTime: new Date(Date.now() + 61_000) }))).Events,
  ).toEqual([]);
  const nobody = new CloudTrailClient({ ...sandbox.client, credentials: sandbox.key("main/nobody") });
  expect(await refusal(nobody.send(new LookupEventsCommand({})))).toMatch(/^AccessDenied/);
});

test("files lie at CloudTrail's own keys, whole, with nothing half-written beside them", async () => {
  await stsOf(sandbox, "main/admin").send(new GetCallerIdentityCommand({}));
  sandbox.records();
  const folder = path.join(sandbox.world, "s3/org-trail");
  const [name = ""] = trailFiles(folder);
  expect(name).toMatch(
    /^AWSLogs\/o-abc123def4\/111122223333\/CloudTrail\/eu-west-1\/\d{4}\/\d{2}\/\d{2}\/111122223333_CloudTrail_eu-west-1_\d{8}T\d{4}Z_[A-Za-z0-9]{16}\.json\.gz$/,
  );
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" });
  expect(all.filter((one) => statSync(path.join(folder, one)).isFile())).toEqual([name]);
});

test("a record is in its file within a second, without being asked for", async () => {
  await stsOf(sandbox, "main/admin").send(new GetCallerIdentityCommand({}));
  const began = Date.now();
  const folder = path.join(sandbox.world, "s3/org-trail");
  const delivered = () => {
    try {
      return trailFiles(folder).length;
    } catch {
      return 0;
    }
  };
  while (delivered() === 0 && Date.now() - began < 5_000) await wait(50);
  expect(Date.now() - began).toBeLessThan(2_000);
});

test("a delayed record waits, and the end of the process delivers it", async () => {
  const slow = await startSandbox({ delaySeconds: 3600 });
  await stsOf(slow, "main/admin").send(new GetCallerIdentityCommand({}));
  await wait(700);
  const folder = path.join(slow.world, "s3");
  const count = () =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json.gz")).length;
  expect(count()).toBe(0);
  await slow.restart();
  expect(count()).toBe(1);
  await slow.close();
});

test("an account outside the organisation leaves nothing in the organisation's trail", async () => {
  const organisation = smallOrganisation();
  const outside = organisation.accounts.find((account) => account.id === other);
  if (outside !== undefined) outside.outside = true;
  const world = await startSandbox({ organisation });
  await stsOf(world, "other/admin").send(new GetCallerIdentityCommand({}));
  await assume(world, roleArn("Partner", other));
  expect(world.records().map((record) => record["recipientAccountId"])).toEqual([main]);
  await world.close();
});

test("a change is on disk before its answer is: the file is whole JSON with the new policy", async () => {
  await iamOf(sandbox, "main/admin").send(
    new PutRolePolicyCommand({ RoleName: "Plain", PolicyName: "Kept", PolicyDocument: policy(allow("s3:*")) }),
  );
  const file = path.join(sandbox.world, "aws.json");
  expect(JSON.parse(readFileSync(file, "utf8")).accounts[0].roles[0].inlinePolicies.Kept).toContain("s3:*");
  expect(statSync(file).mode & 0o077).toBe(0);
});

test("a key answers AssumeRole only with the STS it is signed for, in the Region it is signed for", async () => {
  const us = new STSClient({ ...sandbox.client, region: "us-west-2", credentials: sandbox.key("main/admin") });
  await us.send(new AssumeRoleCommand({ RoleArn: roleArn("Plain"), RoleSessionName: "jo" }));
  expect(only("AssumeRole")["awsRegion"]).toBe("us-west-2");
});
