import path from "node:path";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { newId } from "#/core/ids.ts";
import { type Credentials, type FunctionName, type InputOf, invoke, type OutputOf } from "#/core/invoke.ts";
import { invokeLambda } from "#/core/invoke-lambda.ts";
import { openLedger } from "#/core/ledger.ts";
import { openKmsIssuer } from "#/core/mint/issuer-kms.ts";
import { openMints } from "#/core/mint/rows.ts";
import { settledCounts } from "#/core/revocations-settled.ts";
import { openDynamoStore } from "#/core/store/dynamodb.ts";
import type { Store } from "#/core/store/index.ts";
import { keepCompleteUpTo } from "#/core/trail-standing.ts";
import { mintFact } from "#/functions/fact-rows.ts";
import { handler as askHandler } from "#/functions/lambda/ask.ts";
import { handler as mint } from "#/functions/lambda/mint.ts";
import { handler as notify } from "#/functions/lambda/notify.ts";
import { handler as read } from "#/functions/lambda/read.ts";
import { handler as revoke } from "#/functions/lambda/revoke.ts";
import { handler as status } from "#/functions/lambda/status.ts";
import { handler as sweep } from "#/functions/lambda/sweep.ts";
import { handler as vault } from "#/functions/lambda/vault.ts";
import { DuckdbEngine } from "#/queries/engines/duckdb-engine.ts";
import { readTrail } from "#/queries/ingest/read.ts";
import type { EventStore } from "#/queries/ingest/store.ts";
import { recordMints } from "#/queries/record.ts";
import { refreshFacts } from "#/queries/refresh.ts";
import { openSource } from "#/queries/sources/open.ts";
import { openTrail } from "#/queries/trail.ts";
import { emptyStore } from "../queries/answers.ts";
import { type AthenaStandIn, startAthena } from "../queries/engines/athena-stand-in.ts";
import { type Deployed, deploy } from "./deployed.ts";
import type { SignedIn } from "./northwharf.ts";

/**
 * The whole loop as it is deployed: Lambda entries, DynamoDB, KMS, and the trail behind `ask` alone, over Athena's
 * protocol. What the facts function does on Athena (test/queries/engines) the embedded engine does here, from the files
 * that the sandbox account writes.
 */
const prefix = "roletrail-test-";
const analyst = "arn:aws:iam::111122223333:role/DataAnalyst";
const issuer = "https://issuer.roletrail.test";

let stage: Deployed;
let store: Store;
let facts: EventStore;
let athena: AthenaStandIn;
let mara: SignedIn;
let ilse: SignedIn;

const ask = <Name extends FunctionName>(
  name: Name,
  input: InputOf<Name>,
  who: Credentials = {},
): Promise<OutputOf<Name>> => invoke({ lambda: prefix }, name, input, who);
// biome-ignore lint/suspicious/noExplicitAny: views are looked into by assertions alone
const see = (who: SignedIn, view: string, params = {}): Promise<any> =>
  ask("read", { view, params }, { ticket: who.ticket });

interface Keys {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
}

const listsRoles = async (keys: Keys): Promise<number> => {
  const client = new IAMClient({
    region: "us-east-1",
    maxAttempts: 1,
    credentials: {
      accessKeyId: keys.AccessKeyId,
      secretAccessKey: keys.SecretAccessKey,
      sessionToken: keys.SessionToken,
    },
  });
  return (await client.send(new ListRolesCommand({}))).Roles?.length ?? 0;
};

/** CloudTrail delivers, facts are made, and the facts function says how far. */
async function deliver(): Promise<void> {
  const { it } = stage;
  it.aws.flush();
  const source = await openSource(path.join(it.world.places.s3, it.state().trailBucket));
  await readTrail(facts, source, refreshFacts, { now: () => new Date(), worker: null });
  const mints = openMints(store);
  await recordMints(facts.writer, (await mints.refresh()).map(mintFact));
  await facts.writer.run(`insert into runs values ('${new Date().toISOString().slice(0, 19)}')`);
  const engine = new DuckdbEngine({ engine: facts.engine, watermark: () => 1, bytes: () => facts.bytes() });
  await keepCompleteUpTo(store, await openTrail(engine).completeUpTo());
}

const later = (seconds: number): void => void vi.setSystemTime(Date.now() + seconds * 1000);

/** A session that the ledger knows nothing of: somebody signed with the issuer's key and went to STS alone. */
async function sessionOfThief(mint_id: string): Promise<Keys> {
  const { keyArn } = stage.services;
  const ledger = stage.it.world.ledger("mint");
  const kms = await openKmsIssuer(issuer, { key: keyArn, ledger });
  const iat = Math.floor(Date.now() / 1000);
  const token = await kms.sign({
    aud: "sts.amazonaws.com",
    sub: "111122223333:DataAnalyst:p_thief",
    iat,
    exp: iat + 60,
    jti: mint_id,
    "https://aws.amazon.com/tags": {
      principal_tags: { RoletrailMint: [mint_id], team: ["data"] },
      transitive_tag_keys: ["RoletrailMint"],
    },
    "https://aws.amazon.com/source_identity": "p_aaaaaaaaaaaaaaaa",
  });
  const { Credentials: made } = await new STSClient({ region: "eu-central-1" }).send(
    new AssumeRoleWithWebIdentityCommand({ RoleArn: analyst, RoleSessionName: "thief", WebIdentityToken: token }),
  );
  return {
    AccessKeyId: made?.AccessKeyId ?? "",
    SecretAccessKey: made?.SecretAccessKey ?? "",
    SessionToken: made?.SessionToken ?? "",
  };
}

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-11-21T09:00:00Z") });
  stage = await deploy(prefix, { status, vault, read, ask: askHandler, mint, revoke, sweep }, (input) =>
    ask("vault", input),
  );
  store = openDynamoStore(stage.tables);
  facts = await emptyStore();
  await facts.writer.run("create table runs (run_at timestamp)");
  await recordMints(facts.writer, []);
  athena = await startAthena(facts.engine, "trail", { looks: 1 });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_ATHENA: athena.url,
    AWS_ENDPOINT_URL_SNS: stage.services.url,
    ROLETRAIL_TOPIC: "arn:aws:sns:eu-central-1:999900001111:roletrail-test-notices",
    ROLETRAIL_ATHENA_DATABASE: "trail",
  });
  // The issuer's host is not on this machine's network: its files are where STS reads them.
  vi.stubGlobal("fetch", (url: string, init?: RequestInit) =>
    url.startsWith(issuer) ? stage.published(url) : realFetch(url, init),
  );
  mara = await stage.it.signIn("Mara Oyelaran");
  ilse = await stage.it.signIn("Ilse Brandt");
}, 60_000);
const realFetch = fetch;
afterAll(async () => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  await athena.close();
  facts.close();
  await store.close();
  await stage.close();
});
beforeEach(() => {
  stage.services.trouble = null;
});

const wanted = { role: analyst, seconds: 3600, reason: "x" };
const role = { account: "111122223333", name: "DataAnalyst" };

describe("the trail on AWS, by way of ask alone", () => {
  let keys: Keys;
  let thief: Keys;
  let revocation_id: string;

  test("before a revocation, who is hit is told from ledger and trail: a session that nobody minted, too", async () => {
    await keepCompleteUpTo(store, "2026-11-21T08:55:00Z");
    expect(await notify()).toEqual({ told: 0 });
    keys = (await ask("mint", wanted, await mara.deed("mint", wanted))).credentials;
    thief = await sessionOfThief("m_01jd0000000000000000000000");
    await listsRoles(keys);
    await listsRoles(thief);
    later(30);
    await deliver();
    expect(await notify()).toEqual({ told: 1 });
    const { hits } = await see(ilse, "revoke-preview", role);
    const lines = hits.map(({ origin, person_name, access_key_id }: Record<string, unknown>) => [
      access_key_id,
      origin,
      person_name,
    ]);
    expect(lines).toContainEqual([keys.AccessKeyId, "broker", "Mara Oyelaran"]);
    expect(lines).toContainEqual([thief.AccessKeyId, "outside", null]);
    expect(hits.find((hit: Record<string, unknown>) => hit["access_key_id"] === keys.AccessKeyId).last_call_at).toBe(
      "2026-11-21T09:00:00Z",
    );
    expect((await see(ilse, "me")).complete_up_to).toBe("2026-11-21T09:00:00Z");
  });

  test("people are told of the session that nobody minted, by who tells them, and not of the minted one", async () => {
    expect(stage.services.notices.map(({ subject }) => subject)).toEqual(["Roletrail: DataAnalyst outside the broker"]);
    expect(stage.services.notices[0]?.text).toContain(
      "AssumeRoleWithWebIdentity, which Roletrail did not call; one session",
    );
    expect(stage.services.notices[0]?.text).not.toContain(mara.person.id);
    expect(await notify()).toEqual({ told: 0 });
  });

  test("web's own questions are answered by Athena, each under its viewer's limits, with its cost", async () => {
    const asked = { question: "sessions", params: {}, whole: false };
    const answer = await ask("ask", asked, { ticket: ilse.ticket });
    expect(answer.rows.map(({ access_key_id }) => access_key_id)).toEqual(
      expect.arrayContaining([keys.AccessKeyId, thief.AccessKeyId]),
    );
    expect(answer).toMatchObject({ cached: false, dollars: 0.000125, query_id: expect.stringMatching(/^00000000-/) });
    const own = await ask("ask", asked, { ticket: mara.ticket });
    expect(own.rows.map(({ access_key_id }) => access_key_id)).toEqual([keys.AccessKeyId]);
  });

  test("a revocation counts them, and each session has its state from the trail: waiting, then bitten or quiet", async () => {
    const request = { role: analyst, reason: "stolen" };
    const done = await ask("revoke", request, await ilse.deed("revoke", request));
    expect(done).toMatchObject({ hits: 2, failure: null });
    ({ revocation_id } = done);
    const states = async (): Promise<Record<string, unknown>> => {
      const { sessions } = await see(ilse, "revocation", { id: revocation_id });
      return Object.fromEntries(
        sessions.map(({ access_key_id, state }: Record<string, string>) => [
          access_key_id === keys.AccessKeyId ? "mara" : "thief",
          state,
        ]),
      );
    };
    expect(await states()).toEqual({ mara: "waiting", thief: "waiting" });
    later(60);
    await expect(listsRoles(keys)).rejects.toThrow("explicit deny in an identity-based policy");
    await deliver();
    later(61);
    expect(await states()).toEqual({ mara: "bitten", thief: "quiet" });
    expect((await see(ilse, "revocations")).revocations[0].counts).toMatchObject({ sessions: 2, bitten: 1, quiet: 1 });
  });

  test("the sweep closes from the trail what has no outcome: withheld where STS had made a session, failed where not", async () => {
    const [made, never] = [newId("m"), newId("m")];
    const ledger = openLedger(store, "mint-99", () => new Date());
    for (const mint_id of [made, never])
      await ledger.append({
        kind: "mint.intended",
        body: {
          ...{ mint_id, person_id: mara.person.id, account: "111122223333", role: analyst, road: "web-identity" },
          ...{ seconds: 3600, reason: null, grant: "data", session_name: "x", source_identity: null },
          ...{ session_policy: null, tags: {}, via: "browser" },
        },
      });
    await sessionOfThief(made);
    later(121);
    await deliver();
    await sweep();
    const mints = openMints(store);
    await mints.refresh();
    expect([mints.get(made)?.outcome, mints.get(never)?.outcome]).toEqual(["withheld", "unknown"]);
    later(1_000);
    await expect(listsRoles(thief)).rejects.toThrow("explicit deny");
    await deliver();
    await sweep();
    await mints.refresh();
    expect([mints.get(made)?.outcome, mints.get(never)?.outcome]).toEqual(["withheld", "failed"]);
    expect(mints.get(never)?.ledger.shard).toMatch(/^sweep-/);
  });

  test("a revocation that a killed function left half done is taken up by revoke, at the sweep's word", async () => {
    const request = { role: "arn:aws:iam::111122223333:role/DataEngineer", reason: "x" };
    // The function is killed where IAM is asked: what it had written so far stands.
    const { revocation_id: id } = await ask("revoke", request, await ilse.deed("revoke", request));
    const whole = (await store.get("revocation", id))?.value;
    await store.put(
      { partition: "revocation", sort: id, value: { ...Object(whole), stored_at: null, read_back_at: null } },
      { any: true },
    );
    await sweep();
    expect(Object((await store.get("revocation", id))?.value)["read_back_at"]).toBeNull();
    later(121);
    await sweep();
    expect(Object((await store.get("revocation", id))?.value)["read_back_at"]).not.toBeNull();
    expect(stage.services.calls.map(({ name }) => name)).toContain("lambda:roletrail-test-revoke:sweep");
  });

  test("so long after that no record can change it, a revocation is settled and its list asks Athena nothing", async () => {
    expect((await settledCounts(store)).size).toBe(0);
    later(61 * 3600);
    await stage.it.signIn("Mara Oyelaran").then(async (again) => {
      await ask("mint", { ...wanted, role: analyst }, await again.deed("mint", { ...wanted, role: analyst }));
    });
    await deliver();
    await sweep();
    expect([...(await settledCounts(store))].map(([id]) => id)).toContain(revocation_id);
    ilse = await stage.it.signIn("Ilse Brandt");
    const before = athena.started.length;
    const { revocations } = await see(ilse, "revocations");
    expect(revocations.map(({ counts }: { counts: { bitten: number } }) => counts.bitten)).toEqual([0, 2]);
    expect(athena.started.length).toBe(before);
  });

  test("when Athena does not answer, sessions are shown from the ledger as not observable yet, and revoking goes on", async () => {
    stage.services.trouble = { name: "lambda:roletrail-test-ask", status: 500, type: "ServiceException" };
    mara = await stage.it.signIn("Mara Oyelaran");
    later(40);
    await ask("mint", wanted, await mara.deed("mint", wanted));
    const { hits } = await see(ilse, "revoke-preview", role);
    expect(hits.map(({ state }: { state: string }) => state)).toEqual(["waiting", "waiting"]);
    const request = { role: analyst, reason: "still" };
    expect(await ask("revoke", request, await ilse.deed("revoke", request))).toMatchObject({ hits: 2, failure: null });
  });
});

describe("the doors of a function", () => {
  const live = { asks: "live-sessions", role: analyst, at: "2026-11-21T09:00:00Z" };
  const through = async (name: string, event: unknown) => {
    const { status: answered, body } = await invokeLambda(`${prefix}${name}`, JSON.stringify(event));
    return [answered, Object(body)["code"] ?? "ok"];
  };

  test("the trail is told by the aliases of read, revoke and sweep, and by no other way in", async () => {
    for (const caller of ["read", "revoke", "sweep"]) expect(await through(`ask:${caller}`, live)).toEqual([200, "ok"]);
    expect(await through("ask", live)).toEqual([400, "request.invalid"]);
    expect(await through("ask", { input: live })).toEqual([400, "request.invalid"]);
    for (const alias of ["web", "mint", "$LATEST", "constructor"])
      expect(await through(`ask:${alias}`, live)).toEqual([404, "not.found"]);
  });

  test("by an alias a function does nothing of what web may ask", async () => {
    const input = { question: "sessions", params: {}, whole: false };
    expect(await through("ask:read", { input, ticket: ilse.ticket })).toEqual([400, "request.invalid"]);
    expect(await through("mint:sweep", { input: wanted })).toEqual([404, "not.found"]);
    expect(await through("revoke:read", {})).toEqual([404, "not.found"]);
  });

  test("who tells people is told who came past the broker, and nothing else; nobody else is told that here", async () => {
    const outside = { asks: "outside", since: "2026-11-21T00:00:00Z" };
    expect(await through("ask:notify", outside)).toEqual([200, "ok"]);
    expect(await through("ask:notify", live)).toEqual([400, "request.invalid"]);
    for (const caller of ["read", "revoke", "sweep"])
      expect(await through(`ask:${caller}`, outside)).toEqual([400, "request.invalid"]);
    expect(await through("ask", outside)).toEqual([400, "request.invalid"]);
  });

  test("the trail is asked for sessions and calls only, in their forms", async () => {
    for (const event of [
      { asks: "sql", sql: "select 1" },
      { ...live, at: "yesterday" },
      { ...live, more: 1 },
      { asks: "calls-after", session_ids: ["x".repeat(65)], since: live.at },
    ])
      expect(await through("ask:read", event)).toEqual([400, "request.invalid"]);
    const quoted = { ...live, role: "x' or 1 = 1 --" };
    expect(await through("ask:read", quoted)).toEqual([200, "ok"]);
  });
});
