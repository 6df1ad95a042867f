import { readFileSync } from "node:fs";
import path from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { invoke } from "#/core/invoke.ts";
import { openDynamoStore } from "#/core/store/dynamodb.ts";
import type { Store } from "#/core/store/index.ts";
import { completeUpToIn, keepCompleteUpTo } from "#/core/trail-standing.ts";
import { handler as facts } from "#/functions/lambda/facts.ts";
import { handler as mint } from "#/functions/lambda/mint.ts";
import { handler as vault } from "#/functions/lambda/vault.ts";
import { type Connection, type Duckdb, openDuckdb } from "#/queries/engines/duckdb.ts";
import { type AthenaStandIn, startAthena } from "../queries/engines/athena-stand-in.ts";
import { type Deployed, deploy } from "./deployed.ts";

/** The facts function's own loop over Athena's protocol; its statements' rows are held in test/queries/engines and test/trino. */
const prefix = "roletrail-test-";
const wanted = { role: "arn:aws:iam::111122223333:role/DataAnalyst", seconds: 900, reason: "x" };

let stage: Deployed;
let store: Store;
let athena: AthenaStandIn;
let engine: Duckdb;
let connection: Connection;
const sent = (from: number): string[] => athena.started.slice(from).map(({ QueryString }) => QueryString);

/** An Iceberg table without partitions, place and properties; upkeep is nothing that DuckDB has. */
const inDuckdb = (sql: string): string =>
  /^(optimize|vacuum) /.test(sql)
    ? "select 1 as done where false"
    : sql.startsWith("create table if not exists `")
      ? sql
          .replace(/\n\)\s*(partitioned by|location)[\s\S]*$/, "\n)")
          .replaceAll("`", '"')
          .replaceAll("array<string>", "varchar[]")
          .replaceAll(/ string\b/g, " varchar")
      : sql;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-11-21T09:00:00Z") });
  stage = await deploy(prefix, { vault, mint }, (input) => invoke({ lambda: prefix }, "vault", input));
  store = openDynamoStore(stage.tables);
  engine = await openDuckdb();
  connection = await engine.connect();
  athena = await startAthena(engine, "trail", { translate: async (sql) => inDuckdb(sql), looks: 0 });
  const key = JSON.parse(readFileSync(path.join(stage.it.world.places.world, "admin-key.json"), "utf8"));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_ATHENA: athena.url,
    AWS_ACCESS_KEY_ID: key.access_key_id,
    AWS_SECRET_ACCESS_KEY: key.secret_access_key,
    ROLETRAIL_ATHENA_DATABASE: "trail",
    ROLETRAIL_TRAIL: "s3://roletrail-logs/audit",
    ROLETRAIL_FACTS: "s3://roletrail-facts/",
  });
  await new S3Client({ region: key.region }).send(new CreateBucketCommand({ Bucket: "roletrail-logs" }));
}, 60_000);
afterAll(async () => {
  vi.useRealTimers();
  await athena.close();
  connection.close();
  engine.close();
  await store.close();
  await stage.close();
});

test("the first run makes the tables; the ledger's mints and Roletrail's own roles come in, once", async () => {
  const mara = await stage.it.signIn("Mara Oyelaran");
  const { mint_id } = await invoke({ lambda: prefix }, "mint", wanted, await mara.deed("mint", wanted));
  await facts();
  const tables = sent(0).filter((sql) => sql.startsWith("create table if not exists"));
  expect(tables.length).toBeGreaterThan(15);
  for (const sql of tables) expect(sql).toContain("location 's3://roletrail-facts/");
  expect(await connection.rows("select mint_id, outcome, person_id from minted")).toEqual([
    { mint_id, outcome: "handed-over", person_id: mara.person.id },
  ]);
  const revokers = stage.it.world.access().accounts.flatMap(({ revoker }) => revoker ?? []);
  expect(revokers.length).toBeGreaterThan(0);
  const own = (await connection.rows("select role from own_roles")).map(({ role }) => role);
  expect(own).toEqual(expect.arrayContaining(revokers));
  expect(await connection.rows("select count(*) as n from runs")).toEqual([{ n: 1 }]);

  // Nothing new: no run, and no table is made again.
  const before = athena.started.length;
  expect(await facts()).toMatchObject({ files: 0, changed: false });
  expect(await connection.rows("select count(*) as n from runs")).toEqual([{ n: 1 }]);
  expect(sent(before).some((sql) => sql.startsWith("create table"))).toBe(false);
});

test("after a run that changed something, the store has how far the trail is complete", async () => {
  await keepCompleteUpTo(store, "2020-01-01T00:00:00Z");
  await connection.run(`insert into covered (hour, account, region, records, last_event_at)
    values ('2026-11-21 08:00:00', '111122223333', 'eu-central-1', 3, '2026-11-21 08:59:58')`);
  expect(await facts()).toMatchObject({ changed: false });
  expect(await completeUpToIn(store)).toBe("2020-01-01T00:00:00Z");
  const mara = await stage.it.signIn("Mara Oyelaran");
  vi.setSystemTime(Date.now() + 2_000);
  await invoke({ lambda: prefix }, "mint", wanted, await mara.deed("mint", wanted));
  expect(await facts()).toMatchObject({ changed: true });
  expect(await completeUpToIn(store)).toBe("2026-11-21T08:59:58Z");
});

test("at four in the morning small files are compacted and old snapshots end, and at no other time", async () => {
  const upkeep = (from: number) => sent(from).filter((sql) => /^(optimize|vacuum) /.test(sql));
  expect(upkeep(0)).toEqual([]);
  vi.setSystemTime(new Date("2026-11-22T04:03:00Z"));
  await facts();
  expect(upkeep(0).slice(0, 2)).toEqual([
    "optimize events rewrite data using bin_pack where day >= date '2026-11-19'",
    "vacuum events",
  ]);
  vi.setSystemTime(new Date("2026-11-22T04:08:00Z"));
  const before = athena.started.length;
  await facts();
  expect(upkeep(before)).toEqual([]);
});
