import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  DeleteAccessKeyCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DetachRolePolicyCommand,
  EnableMFADeviceCommand,
  GetAccountAuthorizationDetailsCommand,
  GetAccountSummaryCommand,
  GetOpenIDConnectProviderCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListMFADevicesCommand,
  ListPoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListRoleTagsCommand,
  ListUsersCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAccessKeyCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assume, iamOf, refusal, roleArn, stsOf } from "../clients.ts";
import { accountIds, allow, policy, type Started, startSandbox, trust } from "../start.ts";

const main = accountIds.main;
// Near the real time: an SDK signs with its own clock, and STS keeps whole seconds.
const clock = { now: new Date(Math.floor(Date.now() / 1000) * 1000) };
let sandbox: Started;
let iam: IAMClient;
beforeAll(async () => {
  sandbox = await startSandbox({ now: () => clock.now });
  iam = iamOf(sandbox, "main/admin");
});
afterAll(() => sandbox.close());

const byMain = trust(`arn:aws:iam::${main}:root`);
const everything = policy(allow("*"));
const makeRole = (RoleName: string, more: object = {}) =>
  iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: byMain, ...more }));

describe("roles", () => {
  test("a role comes back as it was made, its trust policy URL-encoded", async () => {
    const { Role } = await makeRole("Made", {
      Path: "/team/",
      MaxSessionDuration: 7200,
      Description: "a <role> & more",
    });
    expect(Role?.Arn).toBe(`arn:aws:iam::${main}:role/team/Made`);
    expect(Role?.RoleId).toMatch(/^AROA[A-Z2-7]{17}$/);
    expect(Role?.CreateDate).toEqual(clock.now);
    const got = await iam.send(new GetRoleCommand({ RoleName: "Made" }));
    expect(got.Role).toMatchObject({ ...Role, RoleLastUsed: {}, Description: "a <role> & more" });
    expect(decodeURIComponent(got.Role?.AssumeRolePolicyDocument ?? "")).toBe(byMain);
  });

  test("its description, longest session and trust can be changed", async () => {
    await iam.send(new UpdateRoleCommand({ RoleName: "Made", Description: "new", MaxSessionDuration: 3600 }));
    const closed = trust(`arn:aws:iam::${accountIds.other}:root`);
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "Made", PolicyDocument: closed }));
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: "Made" }));
    expect(Role).toMatchObject({ Description: "new", MaxSessionDuration: 3600 });
    expect(await refusal(assume(sandbox, `arn:aws:iam::${main}:role/team/Made`))).toMatch(/^AccessDenied/);
  });

  test("tags are set, replaced in any case of their key, listed and taken away", async () => {
    await iam.send(
      new TagRoleCommand({
        RoleName: "Made",
        Tags: [
          { Key: "team", Value: "a" },
          { Key: "cost", Value: "7" },
        ],
      }),
    );
    await iam.send(new TagRoleCommand({ RoleName: "Made", Tags: [{ Key: "Team", Value: "b" }] }));
    const tags = async () => (await iam.send(new ListRoleTagsCommand({ RoleName: "Made" }))).Tags;
    expect(await tags()).toEqual([
      { Key: "Team", Value: "b" },
      { Key: "cost", Value: "7" },
    ]);
    await iam.send(new UntagRoleCommand({ RoleName: "Made", TagKeys: ["team"] }));
    expect(await tags()).toEqual([{ Key: "cost", Value: "7" }]);
  });

  test("a role goes once nothing hangs on it", async () => {
    await iam.send(new PutRolePolicyCommand({ RoleName: "Made", PolicyName: "P", PolicyDocument: everything }));
    await iam.send(
      new AttachRolePolicyCommand({ RoleName: "Made", PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }),
    );
    const remove = () => refusal(iam.send(new DeleteRoleCommand({ RoleName: "Made" })));
    expect(await remove()).toBe("DeleteConflictException: Cannot delete entity, must detach all policies first.");
    await iam.send(
      new DetachRolePolicyCommand({ RoleName: "Made", PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }),
    );
    expect(await remove()).toBe("DeleteConflictException: Cannot delete entity, must delete policies first.");
    await iam.send(new DeleteRolePolicyCommand({ RoleName: "Made", PolicyName: "P" }));
    expect(await remove()).toBeUndefined();
    expect(await refusal(iam.send(new GetRoleCommand({ RoleName: "Made" })))).toBe(
      "NoSuchEntityException: The role with name Made cannot be found.",
    );
  });

  test("pages hold every role once, also when one is made and one goes in between", async () => {
    const first = await iam.send(new ListRolesCommand({ MaxItems: 3 }));
    expect(first).toMatchObject({ IsTruncated: true });
    await makeRole("Aaaa");
    const seen = (first.Roles ?? []).map(({ RoleName }) => RoleName);
    let marker = first.Marker;
    while (marker !== undefined) {
      const next = await iam.send(new ListRolesCommand({ MaxItems: 3, Marker: marker }));
      seen.push(...(next.Roles ?? []).map(({ RoleName }) => RoleName));
      marker = next.Marker;
    }
    const all = (await iam.send(new ListRolesCommand({}))).Roles?.map(({ RoleName }) => RoleName);
    expect(["Aaaa", ...seen]).toEqual(all);
    expect((await iam.send(new ListRolesCommand({ PathPrefix: "/service-role/" }))).Roles?.length).toBe(1);
  });
});

describe("errors are AWS's, code and text", () => {
  const put = (PolicyDocument: string, RoleName = "Plain") =>
    iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "Try", PolicyDocument }));

  test.each<readonly [string, string, () => Promise<unknown>]>([
    [
      "a role that is not there",
      "NoSuchEntityException: The role with name Ghost cannot be found.",
      () => put(everything, "Ghost"),
    ],
    [
      "a policy that is not there",
      "NoSuchEntityException: The role policy with name Ghost cannot be found.",
      () => iam.send(new GetRolePolicyCommand({ RoleName: "Plain", PolicyName: "Ghost" })),
    ],
    [
      "a policy named as a property every object has",
      "NoSuchEntityException: The role policy with name constructor cannot be found.",
      () => iam.send(new GetRolePolicyCommand({ RoleName: "Plain", PolicyName: "constructor" })),
    ],
    [
      "a name that is taken",
      "EntityAlreadyExistsException: Role with name plain already exists.",
      () => makeRole("plain"),
    ],
    [
      "a name of other characters",
      "ValidationError: 1 validation error detected: Value 'a b' at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+",
      () => makeRole("a b"),
    ],
    [
      "a session longer than twelve hours",
      "ValidationError: 1 validation error detected: Value '43201' at 'maxSessionDuration' failed to satisfy constraint: Member must have value less than or equal to 43200",
      () => makeRole("New", { MaxSessionDuration: 43_201 }),
    ],
    [
      "a document that is no JSON",
      "MalformedPolicyDocumentException: This policy contains invalid Json",
      () => put("{"),
    ],
    [
      "a date that is none",
      "MalformedPolicyDocumentException: The policy failed legacy parsing",
      () =>
        put(
          policy({
            Effect: "Deny",
            Action: "*",
            Resource: "*",
            Condition: { DateLessThan: { "aws:TokenIssueTime": "now" } },
          }),
        ),
    ],
    [
      "a trust in somebody who is not there",
      `MalformedPolicyDocumentException: Invalid principal in policy: "AWS":"arn:aws:iam::${main}:role/Ghost"`,
      () => makeRole("New", { AssumeRolePolicyDocument: trust(`arn:aws:iam::${main}:role/Ghost`) }),
    ],
    [
      "a trust with a resource",
      "MalformedPolicyDocumentException: Has prohibited field Resource",
      () =>
        makeRole("New", {
          AssumeRolePolicyDocument: policy({
            Effect: "Allow",
            Principal: "*",
            Action: "sts:AssumeRole",
            Resource: "*",
          }),
        }),
    ],
    [
      "a policy ARN that is none",
      "InvalidInputException: ARN arn:aws:s3:::a-bucket-of-mine is not valid.",
      () => iam.send(new AttachRolePolicyCommand({ RoleName: "Plain", PolicyArn: "arn:aws:s3:::a-bucket-of-mine" })),
    ],
    [
      "a managed policy that is not there",
      "NoSuchEntityException: Policy arn:aws:iam::aws:policy/Ghost does not exist or is not attachable.",
      () => iam.send(new AttachRolePolicyCommand({ RoleName: "Plain", PolicyArn: "arn:aws:iam::aws:policy/Ghost" })),
    ],
    [
      "a page of nothing",
      "ValidationError: 1 validation error detected: Value '0' at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1",
      () => iam.send(new ListRolesCommand({ MaxItems: 0 })),
    ],
  ])("%s", async (_what, said, call) => {
    expect(await refusal(call())).toBe(said);
  });

  test("a role's inline policies share 10,240 characters, white space not counted", async () => {
    await makeRole("Full");
    const frame = policy(allow("s3:GetObject", ["arn:aws:s3:::"])).length;
    const sized = (characters: number) =>
      policy(allow("s3:GetObject", [`arn:aws:s3:::${"x".repeat(characters - frame)}`]));
    const putFull = (PolicyName: string, PolicyDocument: string) =>
      iam.send(new PutRolePolicyCommand({ RoleName: "Full", PolicyName, PolicyDocument }));
    await putFull("A", `  ${sized(10_000)}\n\n`);
    expect(await refusal(putFull("B", sized(241)))).toBe(
      "LimitExceededException: Maximum policy size of 10240 bytes exceeded for role Full",
    );
    await putFull("B", sized(240));
    const { PolicyNames } = await iam.send(new ListRolePoliciesCommand({ RoleName: "Full" }));
    expect(PolicyNames).toEqual(["A", "B"]);
  });

  test("who may not, changes nothing and hears which kind of policy said no", async () => {
    const poor = iamOf(sandbox, "main/nobody");
    const said = await refusal(poor.send(new DeleteRoleCommand({ RoleName: "WithPath" })));
    expect(said).toBe(
      `AccessDenied: User: arn:aws:iam::${main}:user/nobody is not authorized to perform: iam:DeleteRole on resource: arn:aws:iam::${main}:role/service-role/WithPath because no identity-based policy allows the iam:DeleteRole action`,
    );
    expect((await iam.send(new GetRoleCommand({ RoleName: "WithPath" }))).Role?.RoleName).toBe("WithPath");
  });

  test("a key of one account does not see another's roles", async () => {
    const other = iamOf(sandbox, "other/admin");
    expect(await refusal(other.send(new GetRoleCommand({ RoleName: "Plain" })))).toMatch(/^NoSuchEntity/);
  });

  test("Identity Center's roles are AWS's to change", async () => {
    await makeRole("AWSReservedSSO_Admin_1", { Path: "/aws-reserved/sso.amazonaws.com/" });
    expect(await refusal(put(everything, "AWSReservedSSO_Admin_1"))).toBe(
      "UnmodifiableEntityException: Cannot perform the operation on the protected role 'AWSReservedSSO_Admin_1' - this role is only modifiable by AWS",
    );
  });
});

describe("revoking older sessions", () => {
  const older = (cutoff: Date) =>
    policy({
      Effect: "Deny",
      Action: ["*"],
      Resource: ["*"],
      Condition: { DateLessThan: { "aws:TokenIssueTime": cutoff.toISOString() } },
    });
  const list = (key: Awaited<ReturnType<typeof assume>>) => refusal(iamOf(sandbox, key).send(new ListUsersCommand({})));

  test.each(["AWSRevokeOlderSessions", "AnyOtherName"])(
    "%s stops the old session and not the new; deleting it restores",
    async (PolicyName) => {
      const before = await assume(sandbox, "Plain");
      expect(await list(before)).toBeUndefined();
      clock.now = new Date(clock.now.getTime() + 30_000);
      const cutoff = clock.now;
      await iam.send(new PutRolePolicyCommand({ RoleName: "Plain", PolicyName, PolicyDocument: older(cutoff) }));
      const after = await assume(sandbox, "Plain");
      expect(await list(before)).toBe(
        `AccessDenied: User: arn:aws:sts::${main}:assumed-role/Plain/jo is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::${main}:user/ with an explicit deny in an identity-based policy`,
      );
      expect(await list(after)).toBeUndefined();
      expect((await stsOf(sandbox, before).send(new GetCallerIdentityCommand({}))).Arn).toMatch(/\/Plain\/jo$/);
      const got = await iam.send(new GetRolePolicyCommand({ RoleName: "Plain", PolicyName }));
      expect(decodeURIComponent(got.PolicyDocument ?? "")).toBe(older(cutoff));

      const simulated = await iam.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: roleArn("Plain"),
          ActionNames: ["s3:GetObject"],
          ContextEntries: [
            {
              ContextKeyName: "aws:TokenIssueTime",
              ContextKeyType: "date",
              ContextKeyValues: ["2020-01-01T00:00:00Z"],
            },
          ],
        }),
      );
      expect(simulated.EvaluationResults?.[0]).toMatchObject({
        EvalDecision: "explicitDeny",
        MatchedStatements: [{ SourcePolicyId: `role_Plain_${PolicyName}`, StartPosition: { Line: 1, Column: 38 } }],
        MissingContextValues: [],
      });
      await iam.send(new DeleteRolePolicyCommand({ RoleName: "Plain", PolicyName }));
      expect(await list(before)).toBeUndefined();
    },
  );
});

describe("simulators", () => {
  test("a custom policy's answer names what the question left out", async () => {
    const { EvaluationResults } = await iam.send(
      new SimulateCustomPolicyCommand({
        PolicyInputList: [
          policy({ ...allow("s3:*"), Condition: { StringEquals: { "aws:PrincipalTag/team": "data" } } }),
        ],
        ActionNames: ["s3:GetObject", "s3:PutObject"],
        ResourceArns: ["arn:aws:s3:::a/b", "arn:aws:s3:::a/c"],
      }),
    );
    expect(
      EvaluationResults?.map((one) => `${one.EvalActionName} ${one.EvalResourceName} ${one.EvalDecision}`),
    ).toEqual([
      "s3:GetObject arn:aws:s3:::a/b implicitDeny",
      "s3:GetObject arn:aws:s3:::a/c implicitDeny",
      "s3:PutObject arn:aws:s3:::a/b implicitDeny",
      "s3:PutObject arn:aws:s3:::a/c implicitDeny",
    ]);
    expect(EvaluationResults?.[0]?.MissingContextValues).toEqual(["aws:PrincipalTag/team"]);
  });

  test("a boundary that stands in the way is said", async () => {
    const { EvaluationResults } = await iam.send(
      new SimulateCustomPolicyCommand({
        PolicyInputList: [everything],
        PermissionsBoundaryPolicyInputList: [policy(allow("ec2:*"))],
        ActionNames: ["s3:GetObject"],
      }),
    );
    expect(EvaluationResults?.[0]).toMatchObject({
      EvalDecision: "implicitDeny",
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false },
    });
  });
});

describe("managed policies and boundaries", () => {
  const create = (PolicyName: string, document: string) =>
    iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument: document }));

  test("an attached policy decides by its default version", async () => {
    const { Policy } = await create("Deploy", policy(allow("iam:ListRoles")));
    await makeRole("Deployer");
    await iam.send(new AttachRolePolicyCommand({ RoleName: "Deployer", PolicyArn: Policy?.Arn }));
    const session = iamOf(sandbox, await assume(sandbox, "Deployer"));
    expect(await refusal(session.send(new ListRolesCommand({})))).toBeUndefined();
    expect(await refusal(session.send(new ListUsersCommand({})))).toMatch(/^AccessDenied/);
    await iam.send(
      new CreatePolicyVersionCommand({
        PolicyArn: Policy?.Arn,
        PolicyDocument: policy(allow("iam:ListUsers")),
        SetAsDefault: true,
      }),
    );
    expect(await refusal(session.send(new ListRolesCommand({})))).toMatch(/^AccessDenied/);
    expect(await refusal(session.send(new ListUsersCommand({})))).toBeUndefined();
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn: Policy?.Arn, VersionId: "v2" }));
    expect(PolicyVersion).toMatchObject({ IsDefaultVersion: true });
    expect(await refusal(iam.send(new DeletePolicyCommand({ PolicyArn: Policy?.Arn })))).toBe(
      "DeleteConflictException: Cannot delete a policy attached to entities.",
    );
  });

  test("AWS's own policies are there and bite as they say", async () => {
    await makeRole("Auditor");
    const PolicyArn = "arn:aws:iam::aws:policy/SecurityAudit";
    await iam.send(new AttachRolePolicyCommand({ RoleName: "Auditor", PolicyArn }));
    expect((await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: "Auditor" }))).AttachedPolicies).toEqual([
      { PolicyName: "SecurityAudit", PolicyArn },
    ]);
    const session = iamOf(sandbox, await assume(sandbox, "Auditor"));
    expect(await refusal(session.send(new ListRolesCommand({})))).toBeUndefined();
    expect(await refusal(session.send(new DeleteRoleCommand({ RoleName: "Auditor" })))).toMatch(/^AccessDenied/);
    const { Policies } = await iam.send(new ListPoliciesCommand({ Scope: "AWS" }));
    expect(Policies?.map(({ PolicyName }) => PolicyName)).toEqual(
      expect.arrayContaining(["AdministratorAccess", "PowerUserAccess", "ViewOnlyAccess"]),
    );
    expect(await refusal(iam.send(new DeletePolicyCommand({ PolicyArn })))).toMatch(/^AccessDenied/);
  });

  test("a boundary limits whatever is granted", async () => {
    const { Policy } = await create("Limit", policy(allow("iam:ListUsers")));
    await makeRole("Bounded");
    await iam.send(new PutRolePolicyCommand({ RoleName: "Bounded", PolicyName: "All", PolicyDocument: everything }));
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: "Bounded", PermissionsBoundary: Policy?.Arn }));
    const session = iamOf(sandbox, await assume(sandbox, "Bounded"));
    expect(await refusal(session.send(new ListUsersCommand({})))).toBeUndefined();
    expect(await refusal(session.send(new ListRolesCommand({})))).toMatch(
      /because no permissions boundary allows the iam:ListRoles action$/,
    );
  });
});

describe("users", () => {
  test("a key made works at once, rests when inactive, and is gone when deleted", async () => {
    await iam.send(new CreateUserCommand({ UserName: "zoe" }));
    await iam.send(
      new AttachUserPolicyCommand({ UserName: "zoe", PolicyArn: "arn:aws:iam::aws:policy/IAMReadOnlyAccess" }),
    );
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "zoe" }));
    const AccessKeyId = AccessKey?.AccessKeyId ?? "";
    const own = iamOf(sandbox, { accessKeyId: AccessKeyId, secretAccessKey: AccessKey?.SecretAccessKey ?? "" });
    expect(await refusal(own.send(new ListRolesCommand({})))).toBeUndefined();
    await iam.send(new UpdateAccessKeyCommand({ UserName: "zoe", AccessKeyId, Status: "Inactive" }));
    expect(await refusal(own.send(new ListRolesCommand({})))).toMatch(/^InvalidClientTokenId/);
    expect(await refusal(iam.send(new DeleteUserCommand({ UserName: "zoe" })))).toBe(
      "DeleteConflictException: Cannot delete entity, must delete access keys first.",
    );
    await iam.send(new DeleteAccessKeyCommand({ UserName: "zoe", AccessKeyId }));
    expect(await refusal(own.send(new ListRolesCommand({})))).toMatch(/^InvalidClientTokenId/);
  });

  test("a virtual MFA device is enabled by two codes in a row, and by nothing else", async () => {
    const { VirtualMFADevice } = await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: "zoe" }));
    const seed = Buffer.from(VirtualMFADevice?.Base32StringSeed ?? []).toString();
    const code = (shift: number) =>
      new TOTP({ secret: Secret.fromBase32(seed) }).generate({ timestamp: clock.now.getTime() + shift });
    const enable = (AuthenticationCode1: string, AuthenticationCode2: string) =>
      iam.send(
        new EnableMFADeviceCommand({
          UserName: "zoe",
          SerialNumber: VirtualMFADevice?.SerialNumber,
          AuthenticationCode1,
          AuthenticationCode2,
        }),
      );
    expect(await refusal(enable(code(0), code(0)))).toMatch(/^InvalidAuthenticationCodeException/);
    expect(await refusal(enable(code(0), code(-30_000)))).toMatch(/^InvalidAuthenticationCodeException/);
    await enable(code(-30_000), code(0));
    const { MFADevices } = await iam.send(new ListMFADevicesCommand({ UserName: "zoe" }));
    expect(MFADevices?.map(({ SerialNumber }) => SerialNumber)).toEqual([`arn:aws:iam::${main}:mfa/zoe`]);
    const trail = JSON.stringify(sandbox.records());
    expect(trail).not.toContain(seed);
    expect(trail).not.toContain(code(0));
  });
});

test("an OIDC provider is made once and shown whole", async () => {
  const ask = {
    Url: "https://idp.example.com/tenant",
    ClientIDList: ["sts.amazonaws.com"],
    ThumbprintList: ["a".repeat(40)],
  };
  const { OpenIDConnectProviderArn } = await iam.send(new CreateOpenIDConnectProviderCommand(ask));
  expect(OpenIDConnectProviderArn).toBe(`arn:aws:iam::${main}:oidc-provider/idp.example.com/tenant`);
  const got = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
  expect(got).toMatchObject({ ...ask, Url: "idp.example.com/tenant" });
  expect(await refusal(iam.send(new CreateOpenIDConnectProviderCommand(ask)))).toMatch(/^EntityAlreadyExists/);
});

test("authorization details hold everyone once over all pages, and agree with the summary", async () => {
  const names: string[] = [];
  let marker: string | undefined;
  do {
    const next = await iam.send(
      new GetAccountAuthorizationDetailsCommand({ MaxItems: 4, ...(marker === undefined ? {} : { Marker: marker }) }),
    );
    names.push(...(next.UserDetailList ?? []).map(({ UserName }) => `user ${UserName}`));
    names.push(...(next.RoleDetailList ?? []).map(({ RoleName }) => `role ${RoleName}`));
    marker = next.Marker;
  } while (marker !== undefined);
  expect(new Set(names).size).toBe(names.length);
  const { SummaryMap } = await iam.send(new GetAccountSummaryCommand({}));
  expect(names.filter((name) => name.startsWith("role")).length).toBe(SummaryMap?.["Roles"]);
  expect(names.filter((name) => name.startsWith("user")).length).toBe(SummaryMap?.["Users"]);
});

describe("the trail of IAM", () => {
  // Files of one minute are in no order: a record is found by what it is about.
  const recordOf = (eventName: string, about: Record<string, string>) =>
    sandbox
      .records()
      .find(
        (one) =>
          one["eventName"] === eventName &&
          Object.entries(about).every(([key, value]) => one["requestParameters"]?.[key] === value),
      );

  test("a change is recorded with what was asked and what was answered", () => {
    expect(recordOf("CreateRole", { roleName: "Made" })).toMatchObject({
      eventSource: "iam.amazonaws.com",
      awsRegion: "us-east-1",
      readOnly: false,
      requestParameters: {
        roleName: "Made",
        path: "/team/",
        assumeRolePolicyDocument: byMain,
        maxSessionDuration: 7200,
      },
      responseElements: {
        role: {
          roleName: "Made",
          arn: `arn:aws:iam::${main}:role/team/Made`,
          createDate: expect.stringMatching(/^[A-Z][a-z]{2} \d{1,2}, \d{4}, \d{1,2}:\d\d:\d\d [AP]M$/),
        },
      },
    });
    expect(recordOf("PutRolePolicy", { roleName: "Made" })).toMatchObject({
      requestParameters: { roleName: "Made", policyDocument: everything },
      responseElements: null,
    });
    expect(recordOf("GetRole", { roleName: "Made" })).toMatchObject({ readOnly: true, responseElements: null });
  });

  test("a secret never is", () => {
    const record = recordOf("CreateAccessKey", { userName: "zoe" });
    expect(record?.["responseElements"].accessKey).toEqual({
      userName: "zoe",
      accessKeyId: expect.stringMatching(/^AKIA/),
      status: "Active",
      createDate: expect.any(String),
    });
  });
});
