import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand, GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { iamOf, keysOf, refusal, roleArn, type SessionKey, stsOf } from "../clients.ts";
import { accountIds, type Key, type Started, startSandbox, trust } from "../start.ts";

const { main, other } = accountIds;
const clock = { now: new Date("2026-11-21T09:30:00.250Z") };
let sandbox: Started;
beforeAll(async () => {
  sandbox = await startSandbox({ now: () => clock.now });
});
afterAll(() => sandbox.close());

const timed = <Client extends STSClient | ReturnType<typeof iamOf>>(client: Client): Client => {
  client.config.systemClockOffset = clock.now.getTime() - Date.now();
  return client;
};
const later = (seconds: number) => {
  clock.now = new Date(clock.now.getTime() + seconds * 1000);
};
const mint = async (role = roleArn("Plain"), key: Key | string = "main/admin", more = {}): Promise<SessionKey> =>
  keysOf(
    (await timed(stsOf(sandbox, key)).send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: "jo", ...more })))
      .Credentials,
  );
const calls = (key: Key) => refusal(timed(iamOf(sandbox, key)).send(new ListRolesCommand({})));
const admin = () => timed(iamOf(sandbox, "main/admin"));

/** Exactly what the console's button writes. */
const olderThan = (cutoff: Date, more = {}) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Deny",
        Action: ["*"],
        Resource: ["*"],
        Condition: { DateLessThan: { "aws:TokenIssueTime": cutoff.toISOString() }, ...more },
      },
    ],
  });
const put = (PolicyName: string, PolicyDocument: string, RoleName = "Plain") =>
  admin().send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
const remove = (PolicyName: string, RoleName = "Plain") =>
  admin().send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));

test("older sessions are denied, still know who they are, and newer ones work; taking it back restores", async () => {
  const old = await mint();
  expect(await calls(old)).toBeUndefined();
  const cutoff = new Date(clock.now.getTime() + 30_000);
  await put("AWSRevokeOlderSessions", olderThan(cutoff));
  expect(await calls(old)).toMatch(
    /^AccessDenied: User: arn:aws:sts::\d+:assumed-role\/Plain\/jo is not authorized to perform: iam:ListRoles .*with an explicit deny in an identity-based policy$/,
  );
  expect(await refusal(timed(stsOf(sandbox, old)).send(new GetCallerIdentityCommand({})))).toBeUndefined();
  const early = await mint();
  expect(await calls(early), "a session from before the cutoff").toMatch(/explicit deny/);
  clock.now = new Date(Math.ceil(cutoff.getTime() / 1000) * 1000);
  const fresh = await mint();
  expect(await calls(fresh)).toBeUndefined();
  expect(await calls(old)).toMatch(/explicit deny/);
  await remove("AWSRevokeOlderSessions");
  expect(await calls(old)).toBeUndefined();
});

test("a cutoff between two seconds denies the session of that second, and the next second's works", async () => {
  clock.now = new Date("2026-11-21T10:00:00.409Z");
  await put("AWSRevokeOlderSessions", olderThan(clock.now));
  const same = await mint();
  expect(await calls(same), "TokenIssueTime is a whole second").toMatch(/explicit deny/);
  later(1);
  expect(await calls(await mint())).toBeUndefined();
  await remove("AWSRevokeOlderSessions");
});

test("the same document under any other name denies as well", async () => {
  const old = await mint();
  later(60);
  await put("SomebodyElsesPolicy", olderThan(clock.now));
  expect(await calls(old)).toMatch(/explicit deny in an identity-based policy/);
  await remove("SomebodyElsesPolicy");
  expect(await calls(old)).toBeUndefined();
});

test("long-term keys have no issue time, and a chained session keeps its own", async () => {
  const first = await mint(roleArn("Long"));
  later(10);
  const chained = await mint(roleArn("Second"), first);
  await put("AWSRevokeOlderSessions", olderThan(clock.now), "Long");
  expect(await calls(first)).toMatch(/explicit deny/);
  expect(await calls(chained), "revoking Long does not follow into Second").toBeUndefined();
  expect(await calls(sandbox.key("main/admin"))).toBeUndefined();
  await remove("AWSRevokeOlderSessions", "Long");
});

test("one person, one session: by source identity and by tag, through the chain", async () => {
  const tagged = (mintId: string, SourceIdentity: string) =>
    mint(roleArn("Plain"), "main/admin", {
      SourceIdentity,
      Tags: [{ Key: "RoletrailMint", Value: mintId }],
      TransitiveTagKeys: ["RoletrailMint"],
    });
  const [mine, also, theirs] = [await tagged("m_1", "p_jo"), await tagged("m_2", "p_jo"), await tagged("m_3", "p_mo")];
  const cutoff = new Date(clock.now.getTime() + 30_000);
  await put("One", olderThan(cutoff, { StringEquals: { "aws:PrincipalTag/RoletrailMint": "m_1" } }));
  expect([await calls(mine), await calls(also), await calls(theirs)].map((said) => said === undefined)).toEqual([
    false,
    true,
    true,
  ]);
  await remove("One");
  await put("Person", olderThan(cutoff, { StringEquals: { "aws:SourceIdentity": "p_jo" } }), "Second");
  const [second, others] = [await mint(roleArn("Second"), mine), await mint(roleArn("Second"), theirs)];
  expect([await calls(second), await calls(others)].map((said) => said === undefined)).toEqual([false, true]);
  await remove("Person", "Second");
});

test("a role in another account is out of reach for IAM, whatever the caller may do at home", async () => {
  const partner = await mint(roleArn("Partner", other));
  const read = (key: Key, RoleName: string) =>
    refusal(timed(iamOf(sandbox, key)).send(new GetRoleCommand({ RoleName })));
  expect(await read(partner, "Closed")).toBeUndefined();
  expect(await read(sandbox.key("main/admin"), "Closed")).toMatch(/^NoSuchEntity/);
});

test("sessions of a role that was deleted and made anew are no sessions of it", async () => {
  const make = () =>
    admin().send(
      new CreateRoleCommand({ RoleName: "Twice", AssumeRolePolicyDocument: trust(`arn:aws:iam::${main}:root`) }),
    );
  await make();
  const key = await mint(roleArn("Twice"));
  const who = () => refusal(timed(stsOf(sandbox, key)).send(new GetCallerIdentityCommand({})));
  expect(await who()).toBeUndefined();
  await admin().send(new DeleteRoleCommand({ RoleName: "Twice" }));
  expect(await who()).toMatch(/^InvalidClientTokenId/);
  await make();
  expect(await who()).toMatch(/^InvalidClientTokenId/);
});

test("a policy AWS owns grants once attached, and a boundary whose policy is gone bounds everything away", async () => {
  const key = await mint(roleArn("Long"));
  const shut = await mint(roleArn("Emptied"));
  expect(await calls(shut)).toMatch(/because no identity-based policy allows/);
  const PolicyArn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
  await admin().send(new AttachRolePolicyCommand({ RoleName: "Emptied", PolicyArn }));
  expect(await calls(shut)).toBeUndefined();
  expect(await calls(key)).toBeUndefined();
  expect(await calls(await mint(roleArn("Unbound")))).toMatch(/because no permissions boundary allows/);
});
