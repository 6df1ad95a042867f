import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Desk } from "#/queries/ask.ts";
import { isQuestion, type QuestionName, questions } from "#/queries/catalogue.ts";
import { isTable, type Table, upkeepTables } from "#/queries/engines/athena-ddl.ts";
import { AthenaEngine } from "#/queries/engines/athena-engine.ts";
import { ingestAthena } from "#/queries/engines/athena-ingest.ts";
import { recordAthena } from "#/queries/engines/athena-record.ts";
import { DuckdbEngine } from "#/queries/engines/duckdb-engine.ts";
import type { Engine, Statement } from "#/queries/engines/engine.ts";
import { derived } from "#/queries/facts/derived.ts";
import { texts } from "#/queries/facts/texts.ts";
import type { EventStore } from "#/queries/ingest/store.ts";
import { recordMints, recordOwnRoles } from "#/queries/record.ts";
import { trailStatements } from "#/queries/trail.ts";
import { mayAsk, seesAll, type Viewer } from "#/queries/viewer.ts";
import { loaded } from "../queries/answers.ts";
import { roleArn } from "../queries/aws-records.ts";
import type { Trino } from "./client.ts";
import { allOf, listTrail, openLake, trailFolder, trailRoot } from "./lake.ts";
import { keyOf, layTrail, mints, packed, put, records } from "./trail.ts";

const name = "lake";
const folder = trailFolder(name);
const now = new Date("2026-11-21T12:00:00Z");
const own = [{ role: roleArn("RoletrailRevoker"), caller: null }];
const limited: Viewer = { accounts: ["111122223333", "100120003000"], person: "p_abcdefghijklmnop" };
const viewers: readonly Viewer[] = [seesAll, limited];

let lake: Trino;
const ingest = (listed = listTrail(name)) => ingestAthena(lake, trailRoot(name), listed, now);

/** What DuckDB makes of the trail as it lies now, read in one go. */
async function embedded(): Promise<EventStore> {
  const store = await loaded(folder);
  await recordMints(store.writer, mints);
  await recordOwnRoles(store.writer, own);
  return store;
}

/** Resources come through a struct on Athena: equal but for the order of their keys, and for absent ones. */
function comparable(table: string, row: Readonly<Record<string, unknown>>): string {
  const { resources, reason, ...rest } = row;
  const told = typeof resources === "string" ? JSON.parse(resources) : null;
  const kept = { ...rest, ...(table === "files" ? {} : { reason }) };
  return JSON.stringify([
    kept,
    Array.isArray(told) ? told.map(({ ARN, accountId, type }) => [ARN, accountId, type]) : told,
  ]);
}

/** Why a file cannot be read each engine says in its own words. */
const sameReason = (rows: unknown): unknown =>
  JSON.parse(JSON.stringify(rows), (name, value) =>
    name === "reason" && /gzip/.test(String(value)) ? "unreadable" : value,
  );

const plain = (table: string, rows: readonly Readonly<Record<string, unknown>>[]): string[] =>
  rows.map((row) => comparable(table, row)).sort();

/** The facts, and the ledger of files. The etag of a file is its source's own. */
const compared = Object.keys(texts).filter((table): table is Table => isTable(table));
const kept: readonly Table[] = ["events", "duplicates", "files", "minted", "own_roles", ...compared];

async function expectEqual(store: EventStore): Promise<void> {
  for (const table of kept) {
    const sql = allOf(table).replace(/"etag", "first_seen_at", /, "");
    const { rows } = await lake.query({ sql, seconds: 60 });
    expect(plain(table, rows), table).toEqual(plain(table, await store.writer.rows(sql)));
    if (!["minted", "own_roles"].includes(table)) expect(rows.length, table).toBeGreaterThan(0);
  }
}

let store: EventStore;

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  layTrail(folder);
  lake = await openLake(name);
  store = await embedded();
});
afterAll(() => store.close());

test("raw logs read in two runs, late files and duplicates with the second, are the embedded engine's facts of one read", async () => {
  const listed = listTrail(name);
  const late = listed.filter(({ key }) => key === keyOf("a"));
  const [one] = mints;
  await recordAthena(lake, one === undefined ? [] : [{ ...one, outcome: "unknown" }], []);
  const first = await ingest(listed.filter((file) => !late.includes(file)));
  expect(first).toMatchObject({ files: listed.length - 1, unreadable: 1, changed: true });
  await recordAthena(lake, mints, own);
  expect(await ingest(listed)).toEqual({ files: 1, unreadable: 0, changed: true });
  await expectEqual(store);
});

test("a run over the same files and mints changes nothing, and says so", async () => {
  await recordAthena(lake, mints, own);
  expect(await ingest()).toEqual({ files: 0, unreadable: 0, changed: false });
  const { rows } = await lake.query({ sql: "select count(*) as n from runs", seconds: 60 });
  expect(rows).toEqual([{ n: 2 }]);
});

const json = (question: QuestionName): { cases: { params: Statement["params"] }[] } =>
  JSON.parse(readFileSync(`${import.meta.dirname}/../queries/${question}.json`, "utf8"));

describe("asked of both engines", () => {
  let engines: readonly [Engine, Engine];
  let desks: readonly [Desk, Desk];
  beforeAll(() => {
    const { engine } = store;
    engines = [
      new AthenaEngine(lake, () => now),
      new DuckdbEngine({ engine, watermark: () => 1, bytes: () => store.bytes() }),
    ];
    desks = [new Desk(engines[0]), new Desk(engines[1])];
  });

  test.concurrent.each(Object.keys(questions).filter(isQuestion))("%s has the same rows", async (question) => {
    const isWindowed = questions[question].params.some((param) => param.name === "since");
    for (const { params } of json(question).cases)
      for (const viewer of viewers.filter((one) => mayAsk(one, questions[question]))) {
        // A page's own window once, all times else.
        const whole = viewer !== seesAll;
        const request = { question, params: { ...(isWindowed && whole ? { since: null } : {}), ...params }, whole };
        const [trino, duckdb] = await Promise.all(desks.map((desk) => desk.ask(viewer, request)));
        expect(sameReason(trino?.rows)).toEqual(sameReason(duckdb?.rows));
        expect(trino).toMatchObject({ columns: duckdb?.columns, complete_up_to: duckdb?.complete_up_to });
      }
  });

  test("what core asks of the trail, each statement, has the same rows", async () => {
    // One session with an end that is known, and one without: live for 36 hours.
    const sessions = await store.writer.rows(`select session_id, role, first_call_at from sessions
      where role is not null and calls > 0 qualify row_number() over (partition by expires_at is null order by session_id) = 1`);
    expect(sessions).toHaveLength(2);
    const plain = (row: (typeof sessions)[number], seconds: number): string =>
      new Date(Date.parse(String(row["first_call_at"])) + seconds * 1_000).toISOString().slice(0, 19).replace("T", " ");
    const asked: Readonly<Record<keyof typeof trailStatements, readonly Statement["params"][]>> = {
      completeUpTo: [{}],
      outside: [{ since: "2026-01-01 00:00:00" }],
      liveSessions: sessions.flatMap((row) =>
        [0, 36 * 3_600 - 1, 36 * 3_600].map((seconds) => ({ role: String(row["role"]), at: plain(row, seconds) })),
      ),
      callsAfter: sessions.map((row) => ({
        session: sessions.map((one) => one["session_id"]).join(","),
        since: plain(row, 0),
        until: null,
      })),
    };
    for (const [name, sql] of Object.entries(trailStatements)) {
      const all = asked[name as keyof typeof trailStatements];
      const answered = all.map(async (params) => {
        const statement = { sql, params, rowsMax: null, seconds: 60, viewer: seesAll };
        const [trino, duckdb] = await Promise.all(engines.map((engine) => engine.run(statement)));
        expect(trino?.rows, name).toEqual(duckdb?.rows);
        return trino?.rows.length ?? 0;
      });
      expect(Math.max(...(await Promise.all(answered))), name).toBeGreaterThan(0);
    }
  });

  test.concurrent.each([...Object.keys(derived), ...compared])(
    "the fact %s, as a limited viewer sees it, and whole",
    async (fact) => {
      const sql = isTable(fact) ? allOf(fact) : `select * from ${fact}`;
      for (const viewer of isTable(fact) ? [limited] : viewers) {
        const statement = { sql, params: {}, rowsMax: null, seconds: 60, viewer };
        const [trino, duckdb] = await Promise.all(engines.map((engine) => engine.run(statement)));
        expect(plain(fact, trino?.rows ?? [])).toEqual(plain(fact, duckdb?.rows ?? []));
      }
    },
  );
});

test("small files compacted and old snapshots expired are the same facts", async () => {
  for (const table of upkeepTables) {
    await lake.query({ sql: `alter table "${table}" execute optimize`, seconds: 60 });
    const expire = `alter table "${table}" execute expire_snapshots(retention_threshold => '0s')`;
    await lake.query({ sql: expire, seconds: 60 });
  }
  await expectEqual(store);
});

test("a file written anew, and one that can be read at last, take the place of what they were", async () => {
  // Without the records that won over file c's, with one that changed.
  const half = Math.ceil(records.length / 2);
  put(
    folder,
    keyOf("b"),
    packed(records.slice(half + 2).map((record, at) => (at === 0 ? { ...record, userAgent: "changed" } : record))),
  );
  put(folder, keyOf("d", "2026/11/21"), packed(records.slice(0, 2)));
  store.close();
  store = await embedded();
  expect(await ingest()).toEqual({ files: 3, unreadable: 0, changed: true });
  await expectEqual(store);
  expect(await ingest()).toMatchObject({ files: 0, changed: false });
});

test("every text of the facts was part of what Trino ran", () => {
  const tidy = (sql: string): string =>
    sql
      .replaceAll(/--[^\n]*/g, "")
      .replaceAll(/\s+/g, " ")
      .replace(/^ ?with /, "")
      .trim();
  const sent = lake.sent.map(tidy);
  for (const [fact, text] of Object.entries(texts)) {
    const body = tidy(text).replaceAll("day_events", fact === "activity" ? "events" : "day_events");
    expect(
      sent.some((sql) => sql.includes(body)),
      fact,
    ).toBe(true);
  }
  expect(sent.filter((sql) => sql.startsWith("merge into ")).length).toBeGreaterThan(20);
});
