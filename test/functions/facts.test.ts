import { createHash } from "node:crypto";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { DeleteObjectCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openLedger } from "#/core/ledger.ts";
import { openDynamoStore } from "#/core/store/dynamodb.ts";
import { handler } from "#/functions/lambda/facts.ts";
import { type Table, tables, upkeepTables } from "#/queries/engines/athena-ddl.ts";
import type { Connection } from "#/queries/engines/duckdb.ts";
import { computedFacts } from "#/queries/facts/tables.ts";
import { recordMints } from "#/queries/record.ts";
import { type AthenaLake, startLake } from "../contract/lake.ts";
import { type DynamoServer, startDynalite } from "../core/store/dynamo-servers.ts";
import { newTables } from "../core/store/dynamo-tables.ts";
import { loaded } from "../queries/answers.ts";
import { type AwsRecord, assumeRole, call, roleSession, user } from "../queries/aws-records.ts";
import { type Started, startSandbox } from "../sandbox/start.ts";

const workgroup = "roletrail-test-refresh";

/** The facts function as it is deployed, on its clock: S3 and its trail, DynamoDB, Athena over a DuckDB without a table. */
let sandbox: Started;
let dynamo: DynamoServer;
let athena: AthenaLake;
let lake: Connection;
let client: S3Client;

const at = (time: string): void => void vi.setSystemTime(new Date(time));
const keyOf = (letter: string, day: string): string =>
  `logs/AWSLogs/o-abcdefghij/111122223333/CloudTrail/us-east-1/${day}/111122223333_CloudTrail_us-east-1_${day.replaceAll("/", "")}T0905Z_${letter.repeat(16)}.json.gz`;
const put = (Key: string, records: readonly AwsRecord[]) =>
  client.send(new PutObjectCommand({ Bucket: "main-data", Key, Body: gzipSync(JSON.stringify({ Records: records })) }));

const mara = user("mara");
const session = { role: "Reader", session: "mara.abcdefghijklmnop", key: "ASIAONE" };
const opened = assumeRole(mara, 0, session);
const calls = [60, 90, 120].map((second) =>
  call(roleSession("Reader", session.session, "ASIAONE", 0), second, { sourceIPAddress: `192.0.2.${second}` }),
);
const today = keyOf("b", "2026/11/20");
const mint = {
  mint_id: "m_01k00000000000000000000001",
  person_id: "p_abcdefghijklmnop",
  account: "111122223333",
  role: "arn:aws:iam::111122223333:role/Reader",
  road: "assume-role",
} as const;

beforeAll(async () => {
  // S3 keeps its own time: an SDK corrects its clock by the answer's Date, which no test can set.
  const RealDate = Date;
  sandbox = await startSandbox({ now: () => new RealDate() });
  vi.useFakeTimers({ toFake: ["Date"] });
  at("2026-11-20T09:15:00Z");
  dynamo = await startDynalite();
  const dynamoTables = await newTables(dynamo.endpoint);
  athena = await startLake(path.join(sandbox.world, "s3"), [workgroup]);
  lake = await athena.engine.connect();
  const { accessKeyId, secretAccessKey } = sandbox.key("main/admin");
  client = new S3Client({
    ...sandbox.client,
    maxAttempts: 3,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  });
  await put(today, [opened, ...calls.slice(0, 2)]);
  const of = { Bucket: "main-data", Key: "roletrail/access.yaml" };
  await client.send(
    new PutBucketVersioningCommand({ Bucket: of.Bucket, VersioningConfiguration: { Status: "Enabled" } }),
  );
  const { VersionId } = await client.send(new PutObjectCommand({ ...of, Body: accessFile }));
  const environment = {
    AWS_ENDPOINT_URL_S3: sandbox.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
    AWS_ENDPOINT_URL_ATHENA: athena.url,
    AWS_REGION: sandbox.client.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: undefined,
    ROLETRAIL_WORLD: "aws-999900001111",
    ROLETRAIL_ACCESS: `s3://${of.Bucket}/${of.Key}`,
    ROLETRAIL_ACCESS_VERSION: VersionId,
    ROLETRAIL_ACCESS_SHA256: createHash("sha256").update(accessFile).digest("hex"),
    ROLETRAIL_STORE: `dynamodb:${dynamoTables.state},${dynamoTables.ledger}`,
    ROLETRAIL_TRAIL: "s3://main-data/logs/AWSLogs/o-abcdefghij",
    ROLETRAIL_FACTS: "s3://facts-bucket/",
    ROLETRAIL_ATHENA_DATABASE: "trail",
    ROLETRAIL_ATHENA_WORKGROUP: workgroup,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
}, 60_000);
afterAll(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await athena.close();
  await dynamo.stop();
  await sandbox.close();
});

const rowsOf = async (connection: Connection, table: Table): Promise<string[]> => {
  const names = Object.keys(tables[table]).filter((name) => !["etag", "first_seen_at", "resources"].includes(name));
  // Keys are of the bucket there, of the folder here.
  const list = names.map((name) => (name === "file" ? "regexp_extract(file, 'AWSLogs/.*$') as file" : `"${name}"`));
  return (await connection.rows(`select ${list.join(", ")} from ${table}`)).map((row) => JSON.stringify(row)).sort();
};

/** What the laptop makes of the same bucket, read in one go. */
async function expectEqual(): Promise<void> {
  const store = await loaded(path.join(sandbox.world, "s3/main-data/logs"));
  await recordMints(store.writer, await mintsOf());
  for (const table of ["events", "files", "duplicates", ...computedFacts] as const)
    expect(await rowsOf(lake, table), table).toEqual(await rowsOf(store.writer, table));
  store.close();
}

const mintsOf = async () =>
  (await lake.rows("select * from minted")).map((row) => ({ ...mint, ...row }) as Parameters<typeof recordMints>[1][0]);
const runs = async (): Promise<number> => (await lake.rows("select * from runs")).length;
const upkeep = (): string[] =>
  athena.started.map(({ QueryString }) => QueryString).filter((sql) => /^(optimize|vacuum)/.test(sql));

test("the first run makes every table and the facts of what lies there, in its own workgroup", async () => {
  expect(await handler()).toEqual({ files: 1, unreadable: 0, changed: true });
  await expectEqual();
  expect(await runs()).toBe(1);
  expect(new Set(athena.started.map(({ WorkGroup }) => WorkGroup))).toEqual(new Set([workgroup]));
  const made = athena.started.filter(({ QueryString }) => QueryString.startsWith("create table if not exists"));
  expect(made).toHaveLength(Object.keys(tables).length);
  expect(upkeep()).toEqual([]);
  expect((await lake.rows("select calls, origin from sessions")).map(({ calls: n }) => n)).toEqual([2]);
});

test("a run without anything new makes no table again and changes nothing", async () => {
  const before = athena.started.length;
  at("2026-11-20T09:20:00Z");
  expect(await handler()).toEqual({ files: 0, unreadable: 0, changed: false });
  expect(await runs()).toBe(1);
  expect(athena.started.slice(before).some(({ QueryString }) => QueryString.startsWith("create"))).toBe(false);
});

test("mints of the ledger come in without new logs, and the watermark moves", async () => {
  const store = openDynamoStore(dynamoTablesOf(), { now: () => Date.now() });
  const ledger = openLedger(store, "mint-1", () => new Date());
  const intent = { seconds: 3600, reason: null, grant: "data", source_identity: null, session_policy: null };
  await ledger.append({
    kind: "mint.intended",
    body: { ...mint, ...intent, session_name: session.session, tags: {}, via: "browser" },
  });
  const lent = { issued_at: "2026-11-20T09:00:00Z", expires_at: "2026-11-20T10:00:00Z", packed_policy_size: null };
  const handed = { mint_id: mint.mint_id, access_key_id: "ASIAONE", principal_id: "AROAREADER", console: false };
  await ledger.append({ kind: "mint.handed-over", body: { ...handed, ...lent } });
  await store.close();
  expect(await handler()).toEqual({ files: 0, unreadable: 0, changed: true });
  expect(await runs()).toBe(2);
  expect(await lake.rows("select mint_id, person_id from sessions")).toEqual([
    { mint_id: mint.mint_id, person_id: mint.person_id },
  ]);
  await expectEqual();
});

test("a run that dies is finished by the next", async () => {
  await put(keyOf("c", "2026/11/20"), [calls[2] ?? {}]);
  athena.next(...Array.from({ length: 12 }, () => ({})), { fails: { reason: "out of luck", retryable: false } });
  await expect(handler()).rejects.toThrow("out of luck");
  expect(await handler()).toMatchObject({ changed: true });
  await expectEqual();
});

test("a file written anew takes the place of what it was, and who lost to it comes back", async () => {
  // In file a, the first by key, one of file b's calls: b's loses. Then a is another, without it.
  await put(keyOf("a", "2026/11/20"), [{ ...calls[0], userAgent: "first" }, call(mara, 200)]);
  expect(await handler()).toMatchObject({ files: 1, changed: true });
  await expectEqual();
  expect(await lake.rows("select count(*) as n from duplicates")).toEqual([{ n: 1 }]);
  await put(keyOf("a", "2026/11/20"), [call(mara, 210)]);
  expect(await handler()).toMatchObject({ files: 2, changed: true });
  await expectEqual();
  expect(await lake.rows("select count(*) as n from duplicates")).toEqual([{ n: 0 }]);
  expect(await handler()).toMatchObject({ files: 0, changed: false });
});

test("at four in the morning every day of delivery is listed, and tables are compacted in Athena's words", async () => {
  await put(keyOf("z", "2026/11/12"), [call(mara, 300)]);
  at("2026-11-21T03:55:00Z");
  expect(await handler()).toMatchObject({ files: 0 });
  expect(upkeep()).toEqual([]);
  at("2026-11-21T04:00:30Z");
  expect(await handler()).toMatchObject({ files: 1, changed: true });
  await expectEqual();
  expect(
    upkeep()
      .filter((sql) => sql.startsWith("vacuum"))
      .toSorted(),
  ).toEqual(upkeepTables.map((table) => `vacuum ${table}`).toSorted());
  expect(upkeep()).toContain("optimize events rewrite data using bin_pack where day >= date '2026-11-18'");
  expect(upkeep()).toContain("optimize sessions rewrite data using bin_pack");
});

test("what Athena leaves for another run is run again; a table in trouble stops no other, and the next night begins elsewhere", async () => {
  const first = upkeep()[0];
  const night = async (time: string): Promise<string[]> => {
    const before = upkeep().length;
    at(time);
    await handler();
    return upkeep().slice(before);
  };
  const times = (ran: string[], sql: string): number => ran.filter((each) => each === sql).length;
  const more =
    "ICEBERG_VACUUM_MORE_RUNS_NEEDED: Removed 1000 files in this round of vacuum, but there are more files remaining";
  const compact = "optimize sessions rewrite data using bin_pack";
  athena.unfinished.set("vacuum uses", [more, more]).set(compact, ["ICEBERG_OPTIMIZE_MORE_RUNS_NEEDED: more files"]);
  athena.unfinished.set("vacuum links", Array(99).fill(more));
  const ran = await night("2026-11-22T04:01:00Z");
  expect([times(ran, "vacuum uses"), times(ran, compact), times(ran, "vacuum links")]).toEqual([3, 2, 20]);
  for (const table of upkeepTables) expect(times(ran, `vacuum ${table}`)).toBeGreaterThanOrEqual(1);
  expect(ran[0]?.split(" ")[1]).not.toBe(first?.split(" ")[1]);
  athena.unfinished.clear();
  athena.unfinished.set("vacuum issuances", ["out of luck"]);
  const before = upkeep().length;
  await expect(night("2026-11-23T04:01:00Z")).rejects.toThrow(/^upkeep: AthenaFailed: .*out of luck$/);
  expect(upkeep().length - before).toBe(upkeepTables.length * 2);
});

test("a setting that is not there is named", async () => {
  vi.resetModules();
  vi.stubEnv("ROLETRAIL_FACTS", undefined);
  const { handler: other } = await import("#/functions/lambda/facts.ts");
  await expect(other()).rejects.toThrow("This function needs ROLETRAIL_FACTS.");
  await client.send(new DeleteObjectCommand({ Bucket: "main-data", Key: today }));
});

function dynamoTablesOf(): { state: string; ledger: string } {
  const [state = "", ledger = ""] = (process.env["ROLETRAIL_STORE"] ?? "").slice("dynamodb:".length).split(",");
  return { state, ledger };
}

const accessFile = `version: 1
issuers: [{ issuer: https://signin.example.com, client_id: roletrail }]
accounts: [{ id: "111122223333", name: main, revoker: arn:aws:iam::111122223333:role/RoletrailRevoker }]
roles: []
grants: []
powers: []
`;
