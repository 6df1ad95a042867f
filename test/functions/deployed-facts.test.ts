import { readFileSync } from "node:fs";
import path from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { invoke } from "#/core/invoke.ts";
import { openDynamoStore } from "#/core/store/dynamodb.ts";
import type { Store } from "#/core/store/index.ts";
import { completeUpToIn } from "#/core/trail-standing.ts";
import { handler as facts } from "#/functions/lambda/facts.ts";
import { handler as mint } from "#/functions/lambda/mint.ts";
import { handler as vault } from "#/functions/lambda/vault.ts";
import { type Connection, type Duckdb, openDuckdb } from "#/queries/engines/duckdb.ts";
import { type AthenaStandIn, startAthena } from "../queries/engines/athena-stand-in.ts";
import { type Deployed, deploy } from "./deployed.ts";

/** Ledger to facts, as deployed; the facts function's own loop is facts.test.ts. */
const prefix = "roletrail-test-";
const wanted = { role: "arn:aws:iam::111122223333:role/DataAnalyst", seconds: 900, reason: "x" };

let stage: Deployed;
let store: Store;
let athena: AthenaStandIn;
let engine: Duckdb;
let connection: Connection;

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

test("a mint by the deployed functions is a fact after the next run, and the store has how far the trail is complete", async () => {
  await facts();
  expect(await completeUpToIn(store)).toBeNull();
  await connection.run(`insert into covered (hour, account, region, records, last_event_at)
    values ('2026-11-21 08:00:00', '111122223333', 'eu-central-1', 3, '2026-11-21 08:59:58')`);
  const mara = await stage.it.signIn("Mara Oyelaran");
  const { mint_id } = await invoke({ lambda: prefix }, "mint", wanted, await mara.deed("mint", wanted));
  expect(await facts()).toMatchObject({ changed: true });
  expect(await connection.rows("select mint_id, outcome, person_id from minted")).toEqual([
    { mint_id, outcome: "handed-over", person_id: mara.person.id },
  ]);
  expect(await completeUpToIn(store)).toBe("2026-11-21T08:59:58Z");
});
