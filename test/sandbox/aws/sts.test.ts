import { ListRolesCommand } from "@aws-sdk/client-iam";
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { iamOf, keysOf, refusal, roleArn } from "../clients.ts";
import { accountIds, allow, type Key, policy, type Started, startSandbox } from "../start.ts";

const { main, other } = accountIds;
const clock = { now: new Date("2026-11-21T09:30:00.400Z") };
let sandbox: Started;
beforeAll(async () => {
  sandbox = await startSandbox({ now: () => clock.now });
});
afterAll(() => sandbox.close());

// The SDK signs with the machine's clock; the sandbox's is handed in. `systemClockOffset` is the SDK's own word for that.
const offset = () => ({ systemClockOffset: clock.now.getTime() - Date.now() });
const sts = (key: Key | string = "main/admin") =>
  new STSClient({ ...sandbox.client, ...offset(), credentials: typeof key === "string" ? sandbox.key(key) : key });
const assumed = async (input: Partial<AssumeRoleCommandInput>, key: Key | string = "main/admin") =>
  sts(key).send(new AssumeRoleCommand({ RoleArn: roleArn("Plain"), RoleSessionName: "jo", ...input }));
const session = async (input: Partial<AssumeRoleCommandInput>, key: Key | string = "main/admin") =>
  keysOf((await assumed(input, key)).Credentials);

const tags = (...pairs: [string, string][]) => pairs.map(([Key, Value]) => ({ Key, Value }));
const fifty = Array.from({ length: 50 }, (_, at): [string, string] => [`k${at}`, "v".repeat(256)]);
const admin = `arn:aws:iam::${main}:user/admin`;

const refused: [string, Partial<AssumeRoleCommandInput>, RegExp][] = [
  [
    "a role that does not exist",
    { RoleArn: roleArn("None") },
    new RegExp(
      `^AccessDenied: User: ${admin} is not authorized to perform: sts:AssumeRole on resource: ${roleArn("None")}$`,
    ),
  ],
  [
    "a role of an account that does not exist",
    { RoleArn: roleArn("None", "999999999999") },
    /^AccessDenied: User: .* on resource: arn:aws:iam::999999999999:role\/None$/,
  ],
  [
    "a role that trusts others",
    { RoleArn: roleArn("Closed", other) },
    /^AccessDenied: User: .* is not authorized to perform: sts:AssumeRole on resource: \S+$/,
  ],
  [
    "12 hours of a 1 hour role",
    { DurationSeconds: 43_200 },
    /^ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role\.$/,
  ],
  [
    "under 15 minutes",
    { DurationSeconds: 60 },
    /^ValidationError: 1 validation error detected: Value '60' at 'durationSeconds' .* greater than or equal to 900$/,
  ],
  [
    "over 12 hours",
    { RoleArn: roleArn("Long"), DurationSeconds: 43_201 },
    /^ValidationError.*less than or equal to 43200$/,
  ],
  [
    "a session name with a space",
    { RoleSessionName: "a b" },
    /^ValidationError.*'roleSessionName'.*regular expression pattern/,
  ],
  ["a session name of one character", { RoleSessionName: "a" }, /^ValidationError.*length greater than or equal to 2/],
  [
    "a session name of 65 characters",
    { RoleSessionName: "a".repeat(65) },
    /^ValidationError.*length less than or equal to 64/,
  ],
  ["a session name with the reserved prefix aws:", { RoleSessionName: "aws:me" }, /^ValidationError/],
  [
    "a role ARN that is none",
    { RoleArn: "not-an-arn-at-all-but-long" },
    /^ValidationError: not-an-arn-at-all-but-long is invalid/,
  ],
  ["no external id where one is wanted", { RoleArn: roleArn("External") }, /^AccessDenied/],
  ["a wrong external id", { RoleArn: roleArn("External"), ExternalId: "wrong-one" }, /^AccessDenied/],
  ["an external id with a space", { RoleArn: roleArn("External"), ExternalId: "right one" }, /^ValidationError/],
  ["no MFA where it is wanted", { RoleArn: roleArn("Mfa") }, /^AccessDenied/],
  [
    "MFA of a device that is not the caller's",
    { RoleArn: roleArn("Mfa"), SerialNumber: `arn:aws:iam::${main}:mfa/mfa-user`, TokenCode: "123456" },
    /^AccessDenied: MultiFactorAuthentication failed, unable to validate MFA code/,
  ],
  [
    "a source identity the trust does not permit",
    { RoleArn: roleArn("Bare"), SourceIdentity: "p_jo" },
    /^AccessDenied: User: .* is not authorized to perform: sts:SetSourceIdentity on resource/,
  ],
  ["a source identity with the reserved prefix", { SourceIdentity: "aws:jo" }, /^ValidationError/],
  [
    "tags the trust does not permit",
    { RoleArn: roleArn("Bare"), Tags: tags(["team", "data"]) },
    /^AccessDenied: User: .* is not authorized to perform: sts:TagSession on resource/,
  ],
  [
    "50 tags of 256 characters",
    { Tags: tags(...fifty) },
    /^PackedPolicyTooLarge.*: Packed policy consumes \d{3}% of allotted space/,
  ],
  ["51 tags", { Tags: tags(...fifty, ["one-more", "v"]) }, /^ValidationError.*less than or equal to 50/],
  [
    "keys that differ in case alone",
    { Tags: tags(["Dept", "a"], ["dept", "b"]) },
    /^InvalidParameterValue: Duplicate tag keys found\. Please note that Tag keys are case insensitive\.$/,
  ],
  ["a tag key with the reserved prefix", { Tags: tags(["aws:team", "a"]) }, /^InvalidParameterValue/],
  ["a tag key of 129 characters", { Tags: tags(["k".repeat(129), "a"]) }, /^ValidationError/],
  ["a tag value of 257 characters", { Tags: tags(["k", "v".repeat(257)]) }, /^ValidationError/],
  ["a tag value with a semicolon", { Tags: tags(["k", "a;b"]) }, /^ValidationError/],
  ["a transitive key that is no tag", { Tags: tags(["a", "b"]), TransitiveTagKeys: ["c"] }, /^InvalidParameterValue/],
  [
    "a session policy of 5,000 characters",
    { Policy: policy(allow("s3:GetObject", `arn:aws:s3:::b/${"x".repeat(5_000)}`)) },
    /^ValidationError.*2048/,
  ],
  [
    "a session policy that is not JSON",
    { Policy: "not json at all" },
    /^MalformedPolicyDocument.*: This policy contains invalid Json/,
  ],
  [
    "a session policy with a principal",
    { Policy: policy({ ...allow("s3:*"), Principal: "*" }) },
    /^MalformedPolicyDocument/,
  ],
  [
    "a session policy with a letter beyond Latin-1",
    { Policy: policy(allow("s3:*", "arn:aws:s3:::b/\u2603")) },
    /^ValidationError/,
  ],
  [
    "eleven managed session policies",
    { PolicyArns: Array.from({ length: 11 }, (_, at) => ({ arn: `arn:aws:iam::${main}:policy/p${at}` })) },
    /^ValidationError/,
  ],
];

describe("AssumeRole refuses", () => {
  test.each(refused)("%s", async (_, input, wanted) => {
    expect(await refusal(assumed(input))).toMatch(wanted);
  });

  test("root, and a user without rights, in AWS's words", async () => {
    expect(await refusal(assumed({}, "main/root"))).toBe("AccessDenied: Roles may not be assumed by root accounts.");
    expect(await refusal(assumed({}, "main/nobody"))).toMatch(
      /because no identity-based policy allows the sts:AssumeRole action$/,
    );
  });

  test("more than an hour when chaining, whatever the role's maximum, and gives an hour when asked for none", async () => {
    const first = await session({ RoleArn: roleArn("Long"), DurationSeconds: 43_200 });
    const chained = { RoleArn: roleArn("Second"), DurationSeconds: 3_601 };
    expect(await refusal(assumed(chained, first))).toMatch(
      /^ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining/,
    );
    expect(await refusal(assumed({ ...chained, DurationSeconds: 3_600 }, first))).toBeUndefined();
    const { Credentials } = await assumed({ RoleArn: roleArn("Second") }, first);
    expect(Credentials?.Expiration?.getTime()).toBe(Math.floor(clock.now.getTime() / 1000) * 1000 + 3_600_000);
  });

  test("a source identity other than the one a chain carries, and carries the one it has", async () => {
    const first = await session({ SourceIdentity: "p_jo" });
    expect(await refusal(assumed({ RoleArn: roleArn("Second"), SourceIdentity: "p_mo" }, first))).toMatch(
      /sts:SetSourceIdentity/,
    );
    expect((await assumed({ RoleArn: roleArn("Second") }, first)).SourceIdentity).toBe("p_jo");
    expect(await refusal(assumed({ RoleArn: roleArn("Bare") }, first)), "trust without SetSourceIdentity").toMatch(
      /sts:SetSourceIdentity/,
    );
  });

  test("a tag that clashes with an inherited transitive one; other tags are not inherited", async () => {
    const first = await session({
      Tags: tags(["RoletrailMint", "m_1"], ["team", "data"]),
      TransitiveTagKeys: ["RoletrailMint"],
    });
    const again = assumed({ RoleArn: roleArn("Second"), Tags: tags(["roletrailmint", "m_2"]) }, first);
    expect(await refusal(again)).toMatch(
      /^InvalidParameterValue: One of the specified transitive tag keys can't be set/,
    );
    expect(await refusal(assumed({ RoleArn: roleArn("Bare") }, first)), "trust without TagSession").toMatch(
      /sts:TagSession/,
    );
    expect(await refusal(assumed({ RoleArn: roleArn("Second"), Tags: tags(["team", "web"]) }, first))).toBeUndefined();
  });

  test("a session with a session policy that does not lend it AssumeRole", async () => {
    const narrow = await session({ Policy: policy(allow("s3:*")) });
    expect(await refusal(assumed({ RoleArn: roleArn("Second") }, narrow))).toMatch(
      /because no session policy allows the sts:AssumeRole action$/,
    );
  });

  test("another account's role unless both sides allow", async () => {
    expect(await refusal(assumed({ RoleArn: roleArn("Partner", other) }))).toBeUndefined();
    expect(await refusal(assumed({ RoleArn: roleArn("Partner", other) }, "main/nobody"))).toMatch(/^AccessDenied/);
  });
});

test("a role may assume itself when its trust says so", async () => {
  const first = await session({ RoleArn: roleArn("Long") });
  expect(await refusal(assumed({ RoleArn: roleArn("Long") }, first))).toBeUndefined();
});

test("the packed size is a percentage that grows with policies and tags, and absent without them", async () => {
  expect((await assumed({})).PackedPolicySize).toBeUndefined();
  const small = (await assumed({ Policy: policy(allow("s3:GetObject")) })).PackedPolicySize ?? 0;
  const large =
    (await assumed({ Policy: policy(allow("s3:GetObject")), Tags: tags(["a", "b".repeat(200)]) })).PackedPolicySize ??
    0;
  expect(small).toBeGreaterThan(0);
  expect(large).toBeGreaterThan(small);
});

describe("MFA", () => {
  const serial = `arn:aws:iam::${main}:mfa/mfa-user`;
  const code = () =>
    new TOTP({ secret: Secret.fromBase32("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP") }).generate({
      timestamp: clock.now.getTime(),
    });
  const withCode = (TokenCode: string) =>
    assumed({ RoleArn: roleArn("Mfa"), SerialNumber: serial, TokenCode }, "main/mfa-user");

  test("opens the role with a right code, once; a restart does not forget it", async () => {
    clock.now = new Date("2026-11-21T10:00:00Z");
    const wrong = code() === "000000" ? "111111" : "000000";
    expect(await refusal(withCode(wrong))).toMatch(
      /^AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass code/,
    );
    expect(await refusal(withCode(code()))).toBeUndefined();
    expect(await refusal(withCode(code()))).toMatch(/invalid MFA one time pass code/);
    await sandbox.restart();
    expect(await refusal(withCode(code()))).toMatch(/invalid MFA one time pass code/);
    clock.now = new Date("2026-11-21T10:00:30Z");
    expect(await refusal(withCode(code()))).toBeUndefined();
  });

  test("in GetSessionToken opens the role and IAM, which stay shut without it; an hour at most follows", async () => {
    clock.now = new Date("2026-11-21T10:05:00Z");
    const plain = keysOf((await sts("main/mfa-user").send(new GetSessionTokenCommand({}))).Credentials);
    const proven = keysOf(
      (await sts("main/mfa-user").send(new GetSessionTokenCommand({ SerialNumber: serial, TokenCode: code() })))
        .Credentials,
    );
    expect(await refusal(assumed({ RoleArn: roleArn("Mfa") }, plain))).toMatch(/^AccessDenied/);
    expect(await refusal(assumed({ RoleArn: roleArn("Mfa") }, proven))).toBeUndefined();
    expect(await refusal(assumed({ RoleArn: roleArn("Long"), DurationSeconds: 3_601 }, proven))).toMatch(
      /1 hour session limit/,
    );
    const list = (key: Key) => iam(key).send(new ListRolesCommand({}));
    expect(await refusal(list(plain))).toMatch(/^InvalidClientTokenId/);
    expect(await refusal(list(proven))).toBeUndefined();
  });
});

const iam = (key: Key) => {
  const client = iamOf(sandbox, key);
  client.config.systemClockOffset = offset().systemClockOffset;
  return client;
};

describe("GetSessionToken and GetFederationToken", () => {
  test.each(["GetSessionToken", "GetFederationToken"])("%s is refused to a role session", async (action) => {
    const key = await session({});
    const call =
      action === "GetSessionToken" ? new GetSessionTokenCommand({}) : new GetFederationTokenCommand({ Name: "jo" });
    const sent = call instanceof GetSessionTokenCommand ? sts(key).send(call) : sts(key).send(call);
    expect(await refusal(sent)).toBe(`AccessDenied: Cannot call ${action} with session credentials`);
  });

  test("last 36 hours for a user and one for root", async () => {
    const life = async (holder: string, DurationSeconds?: number) => {
      const input = DurationSeconds === undefined ? {} : { DurationSeconds };
      const { Credentials } = await sts(holder).send(new GetSessionTokenCommand(input));
      return ((Credentials?.Expiration?.getTime() ?? 0) - Math.floor(clock.now.getTime() / 1000) * 1000) / 1000;
    };
    expect([await life("main/admin"), await life("main/admin", 129_600), await life("main/root", 129_600)]).toEqual([
      43_200, 129_600, 3_600,
    ]);
    expect(await refusal(life("main/admin", 129_601))).toMatch(/^ValidationError/);
    expect(await refusal(life("main/admin", 899))).toMatch(/^ValidationError/);
  });

  test("a federated user has the session policy's part of the user's rights, no STS, no IAM, and none without a policy", async () => {
    const lend = async (Policy?: string) => {
      const input = { Name: "jo", ...(Policy === undefined ? {} : { Policy }) };
      return keysOf((await sts("main/federator").send(new GetFederationTokenCommand(input))).Credentials);
    };
    const wide = await lend(policy(allow("*")));
    const identity = await sts(wide).send(new GetCallerIdentityCommand({}));
    expect([identity.Arn, identity.UserId]).toEqual([`arn:aws:sts::${main}:federated-user/jo`, `${main}:jo`]);
    expect(await refusal(assumed({}, wide))).toMatch(/^AccessDenied/);
    expect(await refusal(iam(wide).send(new ListRolesCommand({})))).toMatch(/^InvalidClientTokenId/);
    expect(await refusal(sts("main/federator").send(new GetFederationTokenCommand({ Name: "j" })))).toMatch(
      /^ValidationError/,
    );
    expect(await refusal(sts("main/federator").send(new GetFederationTokenCommand({ Name: "a".repeat(33) })))).toMatch(
      /^ValidationError/,
    );
    expect(await refusal(sts("main/nobody").send(new GetFederationTokenCommand({ Name: "jo" })))).toMatch(
      /sts:GetFederationToken/,
    );
  });
});

describe("GetCallerIdentity", () => {
  test("answers even a session that may do nothing", async () => {
    const key = await session({ Policy: policy({ Effect: "Deny", Action: "*", Resource: "*" }) });
    expect((await sts(key).send(new GetCallerIdentityCommand({}))).Arn).toBe(
      `arn:aws:sts::${main}:assumed-role/Plain/jo`,
    );
  });

  test("names a role with a path without it, and the user behind GetSessionToken", async () => {
    const withPath = await session({ RoleArn: `arn:aws:iam::${main}:role/service-role/WithPath` });
    expect((await sts(withPath).send(new GetCallerIdentityCommand({}))).Arn).toBe(
      `arn:aws:sts::${main}:assumed-role/WithPath/jo`,
    );
    expect(await refusal(assumed({ RoleArn: roleArn("WithPath") })), "the path belongs to the ARN").toMatch(
      /^AccessDenied/,
    );
    const token = keysOf((await sts().send(new GetSessionTokenCommand({}))).Credentials);
    expect((await sts(token).send(new GetCallerIdentityCommand({}))).Arn).toBe(admin);
  });
});

test("GetAccessKeyInfo finds the account in a key, its own or another's", async () => {
  const key = await session({ RoleArn: roleArn("Partner", other) });
  const info = (AccessKeyId: string) => sts().send(new GetAccessKeyInfoCommand({ AccessKeyId }));
  expect((await info(key.accessKeyId)).Account).toBe(other);
  expect((await info(sandbox.key("main/nobody").accessKeyId)).Account).toBe(main);
});

describe("signatures", () => {
  const who = (key: Key | string, systemClockOffset = offset().systemClockOffset) => {
    const credentials = typeof key === "string" ? sandbox.key(key) : key;
    return new STSClient({ ...sandbox.client, credentials, systemClockOffset }).send(new GetCallerIdentityCommand({}));
  };

  test("a wrong secret, an unknown key, a mixed-up token, a token of another world", async () => {
    const key = await session({});
    const second = await session({});
    expect(await refusal(who({ ...sandbox.key("main/admin"), secretAccessKey: "wrong" }))).toMatch(
      /^SignatureDoesNotMatch/,
    );
    expect(await refusal(who({ ...key, secretAccessKey: second.secretAccessKey }))).toMatch(/^SignatureDoesNotMatch/);
    expect(await refusal(who({ accessKeyId: "AKIAUNKNOWNUNKNOWN22", secretAccessKey: "x" }))).toMatch(
      /^InvalidClientTokenId/,
    );
    expect(await refusal(who({ ...key, accessKeyId: second.accessKeyId }))).toMatch(/^InvalidClientTokenId/);
    const { sessionToken: _, ...bare } = key;
    expect(await refusal(who(bare)), "a session's key without its token").toMatch(/^InvalidClientTokenId/);
    const flipped =
      key.sessionToken.slice(0, -6) + (key.sessionToken.at(-6) === "A" ? "B" : "A") + key.sessionToken.slice(-5);
    expect(await refusal(who({ ...key, sessionToken: flipped } as Key))).toMatch(/^InvalidClientTokenId/);
  });

  test("a clock more than 15 minutes off", async () => {
    const minutes = (count: number) => offset().systemClockOffset + count * 60_000;
    // An SDK sets its clock by the answer and would try again: one attempt shows the refusal.
    expect(await refusal(who("main/admin", minutes(-16)))).toMatch(
      /^SignatureDoesNotMatch: Signature expired: \d{8}T\d{6}Z is now earlier than/,
    );
    expect(await refusal(who("main/admin", minutes(16)))).toMatch(/^SignatureDoesNotMatch: Signature not yet current/);
    expect(await refusal(who("main/admin", minutes(14)))).toBeUndefined();
  });

  test("a session that ended, to the second", async () => {
    const key = await session({ DurationSeconds: 900 });
    const began = Math.floor(clock.now.getTime() / 1000) * 1000;
    clock.now = new Date(began + 899_999);
    expect(await refusal(who(key))).toBeUndefined();
    clock.now = new Date(began + 900_000);
    expect(await refusal(who(key))).toMatch(/^ExpiredToken/);
  });

  test("no session is lost over a restart", async () => {
    const key = await session({});
    await sandbox.restart();
    expect(await refusal(who(key))).toBeUndefined();
  });
});
