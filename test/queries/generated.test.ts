import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Desk } from "#/queries/ask.ts";
import { DuckdbEngine } from "#/queries/engines/duckdb-engine.ts";
import { readTrail } from "#/queries/ingest/read.ts";
import type { EventStore } from "#/queries/ingest/store.ts";
import { refreshFacts } from "#/queries/refresh.ts";
import { openSource } from "#/queries/sources/open.ts";
import { seesAll } from "#/queries/viewer.ts";
import { generateTrail } from "../../tools/trail-generator.ts";
import { emptyStore } from "./answers.ts";

// 30,000 events here, for the suite's sake; `npm run bench pages -- --full` asks the same of 2,000,000.
const trail = path.join(mkdtempSync(path.join(tmpdir(), "roletrail-generated-")), "trail");
const truth = generateTrail({ out: trail, events: 30_000, files: 300, seed: "suite" });
let store: EventStore;
let desk: Desk;

beforeAll(async () => {
  store = await emptyStore();
  const now = (): Date => new Date("2026-11-21T12:00:00Z");
  await readTrail(store, await openSource(trail), refreshFacts, { now, worker: null });
  desk = new Desk(new DuckdbEngine({ engine: store.engine, watermark: () => 1, bytes: () => store.bytes() }));
}, 120_000);

afterAll(() => {
  store.close();
  rmSync(path.dirname(trail), { recursive: true, force: true });
});

const rowsOf = async (question: string): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  (await desk.ask(seesAll, { question, params: {}, whole: true })).rows;

test("sessions returns exactly as many rows as sessions were issued or used", async () => {
  const rows = await rowsOf("sessions");
  expect(rows).toHaveLength(truth.sessions);
  expect(new Set(rows.map((row) => row["session_id"])).size).toBe(truth.sessions);
  expect(rows.filter((row) => row["issued_at"] !== null)).toHaveLength(truth.sessions_issued);
});

test("every step from caller to role is counted as it was made", async () => {
  const edges = (await rowsOf("who-assumed-which-role")).map(({ caller, role, api, succeeded, failed }) =>
    JSON.stringify({ caller, role, api, succeeded, failed }),
  );
  const wanted = truth.edges.map(({ caller, role, api, succeeded, failed }) =>
    JSON.stringify({ caller, role, api, succeeded, failed }),
  );
  expect(edges.toSorted()).toEqual(wanted.toSorted());
});
