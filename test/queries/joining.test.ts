import { expect, test } from "vitest";
import { sessionId } from "#/core/ids.ts";
import type { Row } from "#/queries/engines/duckdb.ts";
import { recordMints, recordOwnRoles } from "#/queries/record.ts";
import { answer, loaded } from "./answers.ts";
import {
  type AwsRecord,
  assumeRole,
  assumeRoleDenied,
  at,
  call,
  expiration,
  roleArn,
  roleSession,
  service,
  trailOf,
  user,
  userSession,
} from "./aws-records.ts";

/** Sessions of these records, by access key, or by id where there is none. */
async function sessionsOf(...files: (readonly AwsRecord[])[]): Promise<Map<string, Row>> {
  const store = await loaded(trailOf(...files));
  const rows = await answer(store.writer, "sessions");
  store.close();
  return new Map(rows.map((row) => [String(row["access_key_id"] ?? row["session_id"]), row]));
}

const mara = user("mara");

test("a call under the issued key is the session's, with its id as core/ids.ts makes it", async () => {
  const sessions = await sessionsOf([
    assumeRole(mara, 0, { role: "Reader", session: "mara", key: "ASIA1" }),
    call(roleSession("Reader", "mara", "ASIA1", 0), 60),
    call(roleSession("Reader", "mara", "ASIA1", 0), 90, { errorCode: "AccessDenied" }),
    call(mara, 100),
  ]);
  expect(sessions.get("ASIA1")).toMatchObject({
    session_id: sessionId("AROAREADER:mara", at(0)),
    calls: 2,
    denied_calls: 1,
    first_call_at: at(60),
    last_call_at: at(90),
    expires_at: at(3600),
    hops: 1,
    joined_by: "root",
    origin: "outside",
    caller: "arn:aws:iam::111122223333:user/mara",
  });
  expect(sessions.size).toBe(1);
});

test("another key of the same principal and creationDate is the session's: a console switches keys", async () => {
  const sessions = await sessionsOf([
    assumeRole(mara, 0, { role: "Reader", session: "mara", key: "ASIA1" }),
    call(roleSession("Reader", "mara", "ASIA2", 0), 60),
    call(roleSession("Reader", "mara", null, 0), 70),
  ]);
  expect(sessions.get("ASIA1")).toMatchObject({ calls: 2, keys: 2 });
  expect(sessions.size).toBe(1);
});

test("masked keys: 48 sessions under one key are told apart by principal and creationDate", async () => {
  const records = Array.from({ length: 48 }, (_, index) => [
    assumeRole(mara, index * 10, { role: "Pod", session: `pod-${index}`, key: "ASIAMASKED" }),
    call(roleSession("Pod", `pod-${index}`, "ASIAMASKED", index * 10), index * 10 + 5),
  ]);
  const store = await loaded(trailOf(records.flat()));
  const rows = await answer(store.writer, "sessions");
  expect(rows.length).toBe(48);
  expect(rows.every((row) => row["calls"] === 1 && row["calls_ambiguous"] === 0)).toBe(true);
  store.close();
});

test("a masked key that was issued to one session is no key of another that was never seen issued", async () => {
  const sessions = await sessionsOf([
    assumeRole(mara, 0, { role: "Reader", session: "mara", key: "ASIAMASKED" }),
    call(roleSession("Reader", "mara", "ASIAMASKED", 0), 60),
    call(roleSession("Elsewhere", "somebody", "ASIAMASKED", 10), 70),
    call(roleSession("Elsewhere", "somebody", "ASIAOWN", 20), 80),
  ]);
  expect(sessions.get("ASIAMASKED")).toMatchObject({ calls: 1, keys: 1, session_name: "mara" });
  expect(sessions.get("ASIAOWN")).toMatchObject({ calls: 1, keys: 1, issued_at: null });
  const [keyless] = [...sessions.values()].filter((each) => each["access_key_id"] === null);
  expect(keyless).toMatchObject({ session_name: "somebody", calls: 1, keys: 0, issued_at: null });
  expect(keyless?.["why"]).toContain("issued to another session");
});

test("two mints of one session name in a second are ambiguous where the key does not decide, and nothing is chosen", async () => {
  const sessions = await sessionsOf([
    assumeRole(mara, 0, { role: "Reader", session: "mara", key: "ASIA1" }),
    assumeRole(mara, 0, { role: "Reader", session: "mara", key: "ASIA2" }),
    call(roleSession("Reader", "mara", "ASIA1", 0), 5),
    call(roleSession("Reader", "mara", "ASIA9", 0), 6),
  ]);
  expect(sessions.get("ASIA1")).toMatchObject({
    session_id: sessionId("AROAREADER:mara", at(0), "ASIA1"),
    calls: 1,
    calls_ambiguous: 1,
  });
  expect(sessions.get("ASIA2")).toMatchObject({ calls: 0, calls_ambiguous: 1 });
  expect(sessions.size).toBe(2);
});

test("one masked key issued twice in a second makes two sessions and no silent choice", async () => {
  const store = await loaded(
    trailOf([
      assumeRole(mara, 0, { role: "Reader", session: "mara", key: "MASKED" }),
      assumeRole(mara, 0, { role: "Reader", session: "mara", key: "MASKED" }),
      call(roleSession("Reader", "mara", "MASKED", 0), 5),
    ]),
  );
  const rows = await answer(store.writer, "sessions");
  expect(new Set(rows.map((row) => row["session_id"])).size).toBe(2);
  expect(rows.map((row) => [row["calls"], row["calls_ambiguous"]])).toEqual([
    [0, 1],
    [0, 1],
  ]);
  store.close();
});

test("a recycled key belongs to whom its creationDate and principal say; without them to nobody", async () => {
  const sessions = await sessionsOf([
    assumeRole(mara, 0, { role: "Reader", session: "one", key: "ASIA1" }),
    assumeRole(mara, 5000, { role: "Reader", session: "two", key: "ASIA1" }),
    call(roleSession("Reader", "one", "ASIA1", 0), 10),
    call(roleSession("Reader", "two", "ASIA1", 5000), 5010),
    call(roleSession("Reader", "two", "ASIA1", 5000), 5020),
  ]);
  expect([...sessions.values()].length).toBe(1);
  const store = await loaded(
    trailOf([
      assumeRole(mara, 0, { role: "Reader", session: "same", key: "ASIA1" }),
      assumeRole(mara, 5000, { role: "Reader", session: "same", key: "ASIA1" }),
      call(roleSession("Reader", "same", "ASIA1", 0), 10),
      call(roleSession("Reader", "same", "ASIA1", null), 5010),
    ]),
  );
  const rows = await answer(store.writer, "sessions");
  expect(rows.map((row) => [row["issued_at"], row["calls"], row["calls_ambiguous"]])).toEqual([
    [at(5000), 0, 1],
    [at(0), 1, 1],
  ]);
  store.close();
});

test("a call before the issue, and the issuing call itself, never belong to the session", async () => {
  const own = roleSession("Reader", "mara", "ASIA1", null);
  const sessions = await sessionsOf([
    call(own, -50),
    assumeRole(own, 0, { role: "Reader", session: "mara", key: "ASIA1" }),
    call(own, 20),
  ]);
  expect(sessions.get("ASIA1")?.["calls"]).toBeDefined();
  const store = await loaded(
    trailOf([call(own, -50), assumeRole(own, 0, { role: "Reader", session: "mara", key: "ASIA1" }), call(own, 20)]),
  );
  const [issued] = (await answer(store.writer, "sessions")).filter((row) => row["issued_at"] !== null);
  expect(issued).toMatchObject({ calls: 1, first_call_at: at(20), last_call_at: at(20) });
  expect(issued?.["parent_session_id"]).not.toBe(issued?.["session_id"]);
  store.close();
});

test("a key under another identity type is no proof", async () => {
  const sessions = await sessionsOf([
    assumeRole(mara, 0, { role: "Reader", session: "mara", key: "ASIA1" }),
    call(userSession("mara", "ASIA1", 0), 20),
  ]);
  expect([...sessions.values()].find((row) => row["issued_at"] === at(0))).toMatchObject({ calls: 0 });
});

test("both accounts' copies are one assumption, and the caller's side names the caller", async () => {
  const other = "444455556666";
  const shared = { sharedEventID: "shared-1" };
  const theirs = assumeRole({ type: "AWSAccount", principalId: "AIDAMARA", accountId: "111122223333" }, 0, {
    role: "Auditor",
    session: "mara",
    key: "ASIA1",
    account: other,
    more: { ...shared, recipientAccountId: other },
  });
  const ours = assumeRole(mara, 0, { role: "Auditor", session: "mara", key: "ASIA1", account: other, more: shared });
  const store = await loaded(trailOf([theirs], [ours], [call(roleSession("Auditor", "mara", "ASIA1", 0, other), 9)]));
  expect(await answer(store.writer, "who-assumed-which-role")).toMatchObject([
    { caller: "arn:aws:iam::111122223333:user/mara", role: roleArn("Auditor", other), succeeded: 1, failed: 0 },
  ]);
  expect(await answer(store.writer, "sessions")).toMatchObject([{ calls: 1, account: other, joined_by: "root" }]);
  expect(await store.writer.rows("select copies, cross_account from issuances")).toEqual([
    { copies: 2, cross_account: true },
  ]);
  store.close();
});

test("with the role's account's copy alone the caller is an account, and a role session of it stays unresolved", async () => {
  const identity = { type: "AWSAccount", principalId: "AROAAPP:job", accountId: "444455556666" };
  const sessions = await sessionsOf([assumeRole(identity, 0, { role: "Reader", session: "job", key: "ASIA1" })]);
  expect(sessions.get("ASIA1")).toMatchObject({
    caller: "account:444455556666/AROAAPP",
    joined_by: "unresolved",
    hops: 2,
  });
  expect(sessions.get("ASIA1")?.["why"]).toMatch(/neither key nor creationDate/);
});

test("a service's own sharedEventID makes no pair; its session is the service's", async () => {
  const issued = assumeRole(service("ec2.amazonaws.com"), 0, {
    role: "Web",
    session: "i-0abc",
    key: "ASIA1",
    more: { sharedEventID: "shared-9", recipientAccountId: "111122223333" },
  });
  // Services leave assumedRoleUser out.
  issued["responseElements"] = { credentials: { accessKeyId: "ASIA1", expiration: expiration(3600) } };
  const sessions = await sessionsOf([issued, call(roleSession("Web", "i-0abc", "ASIA7", 0), 60)]);
  expect(sessions.get("ASIA1")).toMatchObject({
    origin: "service",
    caller: "service:ec2.amazonaws.com",
    calls: 1,
    session_name: "i-0abc",
  });
});

test("a chain is followed to the person, hop by hop, and states how each step is known", async () => {
  const store = await loaded(
    trailOf([
      assumeRole(mara, 0, { role: "One", session: "mara", key: "ASIA1" }),
      assumeRole(roleSession("One", "mara", "ASIA1", 0), 10, { role: "Two", session: "mara", key: "ASIA2" }),
      assumeRole(roleSession("Two", "mara", "ASIA9", 10), 20, { role: "Three", session: "mara", key: "ASIA3" }),
      call(roleSession("Three", "mara", "ASIA3", 20), 30),
    ]),
  );
  const [last] = (await answer(store.writer, "sessions")).filter((row) => row["access_key_id"] === "ASIA3");
  expect(last).toMatchObject({
    hops: 3,
    root_caller: "arn:aws:iam::111122223333:user/mara",
    root_kind: "iam-user",
    joined_by: "principal+creationDate",
  });
  const steps = await answer(store.writer, "session-lineage", { session: String(last?.["session_id"]) });
  expect(steps.map((row) => [row["step"], row["role"], row["joined_by"]])).toEqual([
    [1, roleArn("One"), "root"],
    [2, roleArn("Two"), "key"],
    [3, roleArn("Three"), "principal+creationDate"],
  ]);
  store.close();
});

test("a role session whose issue is not in the log counts a hop and is a session by its use", async () => {
  const sessions = await sessionsOf([
    assumeRole(roleSession("Gone", "x", "ASIA0", -500), 0, { role: "Two", session: "x", key: "ASIA2" }),
  ]);
  expect(sessions.get("ASIA2")).toMatchObject({ hops: 2, joined_by: "key", origin: "outside" });
  expect(sessions.get("ASIA0")).toMatchObject({ issued_at: null, calls: 1, hops: 1, joined_by: "unresolved" });
  expect(sessions.get("ASIA2")?.["parent_session_id"]).toBe(sessions.get("ASIA0")?.["session_id"]);
});

test("a role that takes on itself, and callers in a circle of masked keys, end", async () => {
  const one = roleSession("Self", "s", "MASKED", 0);
  const two = roleSession("Self", "s", "MASKED", 1);
  const store = await loaded(
    trailOf([
      assumeRole(one, 0, { role: "Self", session: "s", key: "MASKED" }),
      assumeRole(two, 1, { role: "Self", session: "s", key: "MASKED" }),
      assumeRole(roleSession("Self", "s", "MASKED", 1), 0, { role: "Self", session: "t", key: "MASKED" }),
    ]),
  );
  const rows = await answer(store.writer, "sessions");
  expect(rows.every((row) => row["parent_session_id"] !== row["session_id"])).toBe(true);
  expect(rows.every((row) => row["hops"] !== null && row["root_caller"] !== null)).toBe(true);
  store.close();
});

test("a console session's ten keys are one session, known by the login at the second it was made", async () => {
  const login = call(user("mara", null), 0, {
    eventSource: "signin.amazonaws.com",
    eventName: "ConsoleLogin",
    eventType: "AwsConsoleSignIn",
    responseElements: { ConsoleLogin: "Success" },
    additionalEventData: { MFAUsed: "Yes" },
  });
  const calls = Array.from({ length: 10 }, (_, index) => call(userSession("mara", `ASIAC${index}`, 0), 60 + index));
  const store = await loaded(trailOf([login, ...calls]));
  expect(await answer(store.writer, "sessions")).toMatchObject([
    { origin: "console", made_by: "console", keys: 10, calls: 10, issued_at: null },
  ]);
  expect(await answer(store.writer, "sessions-outside-the-broker")).toEqual([]);
  store.close();
});

test("GetSessionToken, GetFederationToken and AssumeRoot make sessions without a hop, under the identities AWS gives them", async () => {
  const sts = (identity: AwsRecord, seconds: number, name: string, more: AwsRecord): AwsRecord =>
    call(identity, seconds, { eventSource: "sts.amazonaws.com", eventName: name, ...more });
  const credentials = (key: string) => ({ accessKeyId: key, expiration: expiration(3600) });
  const root = {
    type: "Root",
    principalId: "444455556666",
    arn: "arn:aws:iam::444455556666:root",
    accountId: "444455556666",
    accessKeyId: "ASIA3",
    sessionContext: { attributes: { creationDate: at(20) } },
  };
  const federated = {
    type: "FederatedUser",
    principalId: "111122223333:mara",
    arn: "arn:aws:sts::111122223333:federated-user/mara",
    accountId: "111122223333",
    accessKeyId: "ASIA2",
    sessionContext: { attributes: { creationDate: at(10) } },
  };
  const sessions = await sessionsOf([
    sts(mara, 0, "GetSessionToken", { responseElements: { credentials: credentials("ASIA1") } }),
    sts(mara, 10, "GetFederationToken", {
      requestParameters: { name: "mara" },
      responseElements: {
        credentials: credentials("ASIA2"),
        federatedUser: { federatedUserId: "111122223333:mara", arn: federated.arn },
      },
    }),
    sts(mara, 20, "AssumeRoot", {
      requestParameters: { targetPrincipal: "444455556666" },
      responseElements: { credentials: credentials("ASIA3") },
    }),
    call(userSession("mara", "ASIA1", 0), 30),
    call(federated, 31),
    call(root, 32),
  ]);
  expect(sessions.get("ASIA1")).toMatchObject({ api: "GetSessionToken", calls: 1, hops: 0, role: null });
  expect(sessions.get("ASIA2")).toMatchObject({ api: "GetFederationToken", calls: 1, hops: 0, session_name: "mara" });
  expect(sessions.get("ASIA3")).toMatchObject({ api: "AssumeRoot", calls: 1, hops: 0, account: "444455556666" });
  expect(sessions.size).toBe(3);
});

test("refused calls stand under the role they aimed at, with the kind of policy that refused", async () => {
  const forms = [
    ["", "other"],
    [" because no identity-based policy allows the sts:AssumeRole action", "identity-policy"],
    [" because no session policy allows the sts:AssumeRole action", "session-policy"],
    [" because no permissions boundary allows the sts:AssumeRole action", "boundary"],
    [" because no service control policy allows the sts:AssumeRole action", "scp"],
    [" because no resource control policy allows the sts:AssumeRole action", "rcp"],
    [" because no resource-based policy allows the sts:AssumeRole action", "trust-policy"],
    [" with an explicit deny in an identity-based policy", "explicit-deny"],
    [" with an explicit deny in a service control policy", "explicit-deny"],
  ] as const;
  const store = await loaded(
    trailOf(forms.map(([because], index) => assumeRoleDenied(mara, index, roleArn("team/Vault"), because))),
  );
  const rows = await answer(store.writer, "denied-assumptions");
  expect(rows.map((row) => row["reason_class"]).reverse()).toEqual(forms.map(([, kind]) => kind));
  expect(rows.every((row) => row["role"] === roleArn("team/Vault"))).toBe(true);
  store.close();
});

test("the role in a refusal's text ends where the sentence goes on, in any script", async () => {
  const roles = ["a/b/Vault+=,.@-_", "T\u00fcr", "\u5f79\u5272/\u5f79"].map((name) => roleArn(name));
  const store = await loaded(
    trailOf(roles.map((role, index) => assumeRoleDenied(mara, index, role, " because no session policy allows it"))),
  );
  const rows = await answer(store.writer, "denied-assumptions");
  expect(rows.map((row) => row["role"]).reverse()).toEqual(roles);
  store.close();
});

test("a role that was asked for by what is no ARN stands as it was asked for", async () => {
  const refused = (seconds: number, roleArn: string): AwsRecord => ({
    ...assumeRoleDenied(mara, seconds, "arn:aws:iam::111122223333:role/Told"),
    errorCode: "ValidationError",
    errorMessage: `${roleArn} is invalid`,
    requestParameters: { roleArn, roleSessionName: "x" },
  });
  const asked = ["Masked", "arn:aws:iam::XXXXXXXXXXXX:role/Reader", ""];
  const store = await loaded(trailOf(asked.map((role, index) => refused(index, role))));
  const rows = await answer(store.writer, "denied-assumptions");
  expect(rows.map((row) => row["role"]).reverse()).toEqual(["Masked", "arn:aws:iam::XXXXXXXXXXXX:role/Reader", null]);
  store.close();
});

const minted = {
  mint_id: "m_1",
  person_id: "p_abcdefghijklmnop",
  account: "111122223333",
  role: roleArn("Reader"),
  road: "web-identity",
  outcome: "handed-over",
  intended_at: at(0),
  issued_at: at(0),
  expires_at: at(3600),
  access_key_id: "ASIA1",
  session_name: "mara.abcdefghijklmnop",
  reason: null,
} as const;

const web = {
  type: "WebIdentityUser",
  principalId: "arn:aws:iam::111122223333:oidc-provider/issuer.roletrail.test:sts.amazonaws.com:x",
  userName: "x",
  identityProvider: "arn:aws:iam::111122223333:oidc-provider/issuer.roletrail.test",
};

const webIssued = (key: string, seconds: number, mint: string | null, session = "mara.abcdefghijklmnop"): AwsRecord =>
  assumeRole(web, seconds, {
    role: "Reader",
    session,
    key,
    more: { eventName: "AssumeRoleWithWebIdentity", recipientAccountId: "111122223333" },
    request: mint === null ? {} : { principalTags: { RoletrailMint: mint } },
  });

test("a mint is matched by its key; what follows from its session is the broker's and the person's too", async () => {
  const store = await loaded(
    trailOf([
      webIssued("ASIA1", 0, "m_1"),
      assumeRole(roleSession("Reader", "mara.abcdefghijklmnop", "ASIA1", 0), 60, {
        role: "Deep",
        session: "x",
        key: "ASIA2",
      }),
      assumeRole(mara, 70, { role: "Reader", session: "mara", key: "ASIA3" }),
    ]),
  );
  await recordMints(store.writer, [minted]);
  const rows = new Map((await answer(store.writer, "sessions")).map((row) => [row["access_key_id"], row]));
  expect(rows.get("ASIA1")).toMatchObject({ origin: "broker", mint_id: "m_1", person_id: "p_abcdefghijklmnop" });
  expect(rows.get("ASIA2")).toMatchObject({
    origin: "broker",
    mint_id: null,
    person_id: "p_abcdefghijklmnop",
    hops: 2,
  });
  expect(rows.get("ASIA3")).toMatchObject({ origin: "outside", mint_id: null, person_id: null });
  expect(await answer(store.writer, "mint-reconciliation")).toMatchObject([
    { mint_id: "m_1", state: "seen", match: "key" },
  ]);
  expect((await answer(store.writer, "sessions-outside-the-broker")).map((row) => row["access_key_id"])).toEqual([
    "ASIA3",
  ]);
  store.close();
});

test("a tag anybody may set matches no mint whose key is another; without a known key it does", async () => {
  const store = await loaded(trailOf([webIssued("ASIA7", 5, "m_1"), webIssued("ASIA8", 9, "m_2")]));
  await recordMints(store.writer, [
    minted,
    { ...minted, mint_id: "m_2", outcome: "unknown", access_key_id: null, issued_at: null, expires_at: null },
  ]);
  const rows = await answer(store.writer, "mint-reconciliation");
  expect(rows.map((row) => [row["mint_id"], row["state"], row["match"]])).toEqual([
    ["m_1", "never-seen", null],
    ["m_2", "seen", "tag"],
  ]);
  store.close();
});

test("a mint entered again with another outcome replaces itself, and its session follows", async () => {
  const store = await loaded(trailOf([webIssued("ASIA1", 0, null)]));
  await recordMints(store.writer, [{ ...minted, outcome: "refused" }]);
  expect(await answer(store.writer, "sessions")).toMatchObject([{ origin: "outside" }]);
  await recordMints(store.writer, [minted]);
  expect(await answer(store.writer, "sessions")).toMatchObject([{ origin: "broker" }]);
  store.close();
});

test("sessions of the broker's own roles are its own only for its own caller", async () => {
  const functions = user("roletrail-functions");
  const store = await loaded(
    trailOf([
      assumeRole(functions, 0, { role: "RoletrailRevoker", session: "roletrail", key: "ASIA1" }),
      assumeRole(mara, 9, { role: "RoletrailRevoker", session: "roletrail", key: "ASIA2" }),
    ]),
  );
  await recordOwnRoles(store.writer, [{ role: roleArn("RoletrailRevoker"), caller: String(functions["arn"]) }]);
  expect((await answer(store.writer, "sessions-outside-the-broker")).map((row) => row["access_key_id"])).toEqual([
    "ASIA2",
  ]);
  store.close();
});

test("a person's calls by the session question are exactly its counted calls", async () => {
  const store = await loaded(
    trailOf([
      assumeRole(mara, 0, { role: "Reader", session: "mara", key: "ASIA1" }),
      call(roleSession("Reader", "mara", "ASIA1", 0), 60),
      call(roleSession("Reader", "mara", "ASIA2", 0), 61),
      call(roleSession("Reader", "other", "ASIA3", 0), 62),
    ]),
  );
  for (const session of ["ASIA1", "ASIA2", sessionId("AROAREADER:mara", at(0))]) {
    const rows = await answer(store.writer, "session-calls", { session });
    expect(rows.map((row) => [row["happened_at"], row["joined_by"]])).toEqual([
      [at(60), "key"],
      [at(61), "principal+creationDate"],
    ]);
  }
  store.close();
});
