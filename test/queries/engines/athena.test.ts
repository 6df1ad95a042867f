import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Refusal } from "#/core/refusal.ts";
import { Desk } from "#/queries/ask.ts";
import { isQuestion, type QuestionName, questions } from "#/queries/catalogue.ts";
import { Athena, AthenaFailed, type AthenaPlace, dollarsOf } from "#/queries/engines/athena.ts";
import { columns } from "#/queries/engines/athena-columns.ts";
import { AthenaEngine } from "#/queries/engines/athena-engine.ts";
import { rowOf } from "#/queries/engines/athena-rows.ts";
import { DuckdbEngine } from "#/queries/engines/duckdb-engine.ts";
import { derived } from "#/queries/facts/derived.ts";
import type { EventStore } from "#/queries/ingest/store.ts";
import { type MintFact, recordMints } from "#/queries/record.ts";
import { mayAsk, seesAll, type Viewer } from "#/queries/viewer.ts";
import { loaded } from "../answers.ts";
import { type AwsRecord, trailOf } from "../aws-records.ts";
import { type AthenaStandIn, startAthena } from "./athena-stand-in.ts";

const names = Object.keys(questions).filter(isQuestion);
const folder = `${import.meta.dirname}/..`;
// biome-ignore lint/suspicious/noExplicitAny: the suites' own JSON
const json = (file: string): any => JSON.parse(readFileSync(`${folder}/${file}`, "utf8"));
type Params = Record<string, string | number | boolean | null>;
const casesOf = (name: QuestionName): { events: string; cases: { params: Params }[] } => json(`${name}.json`);
const eventNames = [...new Set(names.map((name) => casesOf(name).events))];

const stores = new Map<string, EventStore>();
const standIns = new Map<string, AthenaStandIn>();

beforeAll(async () => {
  for (const events of eventNames) {
    const { mints, records }: { mints: MintFact[]; records: AwsRecord[] } = json(`events/${events}.json`);
    const store = await loaded(trailOf(records));
    await recordMints(store.writer, mints);
    await store.writer.run("create table runs (run_at timestamp); insert into runs values ('2026-11-21 09:30:00')");
    stores.set(events, store);
    standIns.set(events, await startAthena(store.engine));
  }
}, 120_000);
afterAll(async () => {
  for (const standIn of standIns.values()) await standIn.close();
  for (const store of stores.values()) store.close();
});

function standInOf(events = eventNames[0] ?? ""): AthenaStandIn {
  const standIn = standIns.get(events);
  if (standIn === undefined) throw new Error(`no events ${events}`);
  return standIn;
}

const athenaOf = (standIn: AthenaStandIn, more: Partial<AthenaPlace> = {}): Athena =>
  new Athena({ database: "trail", workgroup: "roletrail", firstLookMilliseconds: 1, ...more }, standIn.client);

const engineOf = (standIn: AthenaStandIn, now: () => Date = () => new Date()): AthenaEngine =>
  new AthenaEngine(athenaOf(standIn), now);

const rows = (count: number): string => `select i as n from unnest(generate_series(1, ${count})) as t (i) order by i`;

describe("every question has the same rows as on the embedded engine", () => {
  const viewers: readonly Viewer[] = [
    seesAll,
    { accounts: ["111122223333"], person: null },
    // Into this account came a session from the other.
    { accounts: ["444455556666"], person: null },
    { accounts: ["444455556666"], person: "p_abcdefghijklmnop" },
    { accounts: [], person: "p_abcdefghijklmnop" },
  ];
  test.each(names)("%s", async (name) => {
    const { events, cases } = casesOf(name);
    const store = stores.get(events);
    if (store === undefined) throw new Error(`no events ${events}`);
    const embedded = new Desk(
      new DuckdbEngine({ engine: store.engine, watermark: () => 1, bytes: () => store.bytes() }),
    );
    const desk = new Desk(engineOf(standInOf(events)));
    for (const { params } of cases)
      for (const viewer of viewers.filter((one) => mayAsk(one, questions[name])))
        for (const whole of viewer === seesAll ? [true, false] : [true]) {
          const request = {
            question: name,
            params: { ...(whole ? {} : { ...nothing(name), ...params }), ...params },
            whole,
          };
          const wanted = await embedded.ask(viewer, request);
          const answer = await desk.ask(viewer, request);
          // Who sees a part of the accounts sees a part of a chain: what is promised is there all the same.
          const promised = questions[name].columns.filter(({ nullable }) => !nullable).map((column) => column.name);
          expect(promised.filter((column) => wanted.rows.some((row) => row[column] === null))).toEqual([]);
          expect(answer).toMatchObject({
            columns: wanted.columns,
            rows: wanted.rows.map((row) => ("bytes" in row ? { ...row, bytes: expect.anything() } : row)),
            complete_up_to: wanted.complete_up_to,
            accounts: wanted.accounts,
            events: wanted.events,
          });
          expect(answer.rows).toHaveLength(wanted.rows.length);
          expect(answer.query_id).toMatch(/^00000000-/);
        }
  });

  test("none has a common table expression under a fact's name, which would hide what its viewer may see", () => {
    for (const name of names) {
      const own = [
        ...questions[name].sql.matchAll(/(?:\bwith|,)\s+(\w+)\s+as\s*\(\s*(?:--[^\n]*\s+)*(?:with|select)\b/gi),
      ].map(([, of]) => of);
      expect(
        own.filter((of) => [...Object.keys(columns), ...Object.keys(derived)].includes(of ?? "")),
        name,
      ).toEqual([]);
    }
  });

  const nothing = (name: QuestionName): Params =>
    Object.fromEntries(questions[name].params.filter((param) => param.name === "since").map(() => ["since", null]));
});

test("a query is looked after until it ended; its cost and id are with the rows", async () => {
  const standIn = standInOf();
  standIn.next({ looks: 5, bytes: 42_000_000 });
  const before = standIn.calls("GetQueryExecution");
  const { rows: found, cost } = await athenaOf(standIn).query({ sql: "select 1 as one", seconds: 20 });
  expect(found).toEqual([{ one: 1 }]);
  expect(standIn.calls("GetQueryExecution") - before).toBe(6);
  expect(cost).toEqual({ bytes: 42_000_000, dollars: 0.00021, query_id: expect.stringMatching(/^00000000-/) });
});

test("an answer of many pages is whole, in order, without its header", async () => {
  const { rows: found } = await athenaOf(standInOf()).query({ sql: rows(2_500), seconds: 20 });
  expect(found.map(({ n }) => n)).toEqual(Array.from({ length: 2_500 }, (_, index) => index + 1));
});

test("a failure has the query's id for the log; what it would have cost is free", async () => {
  const standIn = standInOf();
  standIn.next({ fails: { reason: "GENERIC_INTERNAL_ERROR: secret 'value'", retryable: false } });
  const failed = await athenaOf(standIn)
    .query({ sql: "select 2 as x", seconds: 20 })
    .catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(AthenaFailed);
  expect(failed).toMatchObject({ cost: { dollars: 0, query_id: expect.stringMatching(/^00000000-/) } });
});

test("a failure that Athena calls retryable is tried again, three times at most", async () => {
  const standIn = standInOf();
  const fails = { reason: "ICEBERG_COMMIT_ERROR", retryable: true };
  standIn.next({ fails }, { fails }, {});
  expect((await athenaOf(standIn).query({ sql: "select 3 as x", seconds: 20 })).rows).toEqual([{ x: 3 }]);
  standIn.next({ fails }, { fails }, { fails });
  await expect(athenaOf(standIn).query({ sql: "select 4 as x", seconds: 20 })).rejects.toThrow("ICEBERG_COMMIT_ERROR");
});

test("throttled calls are made again; an account at its quota is said so", async () => {
  const standIn = standInOf();
  standIn.throttle("StartQueryExecution", 1);
  standIn.throttle("GetQueryExecution", 1);
  standIn.throttle("GetQueryResults", 1);
  expect((await athenaOf(standIn).query({ sql: "select 5 as x", seconds: 20 })).rows).toEqual([{ x: 5 }]);
  standIn.throttle("StartQueryExecution", 3);
  await expect(athenaOf(standIn).query({ sql: "select 6 as x", seconds: 20 })).rejects.toMatchObject({
    code: "trail.busy",
    cost: { dollars: 0 },
  });
}, 30_000);

test("a question over the workgroup's cut-off is refused, and says what it cost until then", async () => {
  const standIn = standInOf();
  standIn.cutOff = 1_000_000_000;
  standIn.next({ bytes: 2_000_000_000 });
  const refused = await athenaOf(standIn)
    .query({ sql: "select 7 as x", seconds: 20 })
    .catch((error: unknown) => error);
  standIn.cutOff = Number.POSITIVE_INFINITY;
  expect(refused).toBeInstanceOf(Refusal);
  expect(refused).toMatchObject({
    code: "trail.cut-off",
    cost: { bytes: 2_000_000_000, dollars: 0.01, query_id: expect.stringMatching(/^00000000-/) },
  });
});

test("who goes away stops the query at AWS", async () => {
  const standIn = standInOf();
  standIn.next({ looks: 1_000_000 });
  const gone = new AbortController();
  const asked = athenaOf(standIn).query({ sql: "select 8 as x", seconds: 20 }, gone.signal);
  asked.catch(() => undefined);
  while (!standIn.started.some(({ QueryString }) => QueryString === "select 8 as x")) await wait(1);
  const stops = standIn.stopped.length;
  gone.abort(new Error("gone"));
  await expect(asked).rejects.toThrow("gone");
  expect(standIn.stopped.length).toBe(stops + 1);
});

test("a question that takes too long is stopped at AWS and refused with its cost", async () => {
  const standIn = standInOf();
  standIn.next({ looks: 1_000_000 });
  const stops = standIn.stopped.length;
  await expect(athenaOf(standIn).query({ sql: "select 9 as x", seconds: 0.2 })).rejects.toMatchObject({
    code: "trail.timeout",
    cost: { bytes: 25_000_000, dollars: 0.000125 },
  });
  expect(standIn.stopped.length).toBe(stops + 1);
});

test("no statement is given longer than the function that asks it has", async () => {
  const given: number[] = [];
  const asker = {
    database: "trail",
    query: async ({ seconds }: { seconds: number }) => {
      given.push(seconds);
      return { rows: [], updated: 0, cost: { bytes: 0, dollars: 0, query_id: null } };
    },
  };
  const engine = new AthenaEngine(asker, () => new Date());
  for (const seconds of [300, 20])
    await engine.run({ sql: "select 1 as n", params: {}, rowsMax: null, seconds, viewer: seesAll });
  expect(given.slice(1)).toEqual([50, 20]);
});

test("no more queries run at once than may", async () => {
  const store = [...stores.values()][0];
  if (store === undefined) throw new Error("no store");
  const standIn = await startAthena(store.engine);
  const athena = athenaOf(standIn, { atOnce: 3 });
  await Promise.all(Array.from({ length: 9 }, (_, x) => athena.query({ sql: `select ${x} as x`, seconds: 20 })));
  expect(standIn.atOnce()).toBe(3);
  expect(standIn.started).toHaveLength(9);
  await standIn.close();
});

test("an equal question is Athena's kept result until the facts move on, and never another viewer's", async () => {
  const store = await loaded(trailOf([]));
  await store.writer.run("create table runs (run_at timestamp); insert into runs values ('2026-11-21 09:30:00')");
  const standIn = await startAthena(store.engine);
  let now = Date.parse("2026-11-21T10:00:00Z");
  // A desk each: what one process keeps is not asked again.
  const engine = engineOf(standIn, () => new Date(now));
  const ask = (viewer: Viewer) => new Desk(engine).ask(viewer, { question: "sessions", params: {}, whole: true });
  expect((await ask(seesAll)).dollars).toBeGreaterThan(0);
  expect(await ask(seesAll)).toMatchObject({ dollars: 0, cached: false });
  expect((await ask({ accounts: ["111122223333"], person: null })).dollars).toBeGreaterThan(0);
  await store.writer.run("update runs set run_at = '2026-11-21 09:45:00'");
  expect((await ask(seesAll)).dollars).toBe(0);
  now += 61_000;
  expect((await ask(seesAll)).dollars).toBeGreaterThan(0);
  await standIn.close();
  store.close();
});

test("a window that nobody named begins at a whole hour, so that equal questions are equal texts", async () => {
  const events = casesOf("sessions").events;
  const answer = await new Desk(engineOf(standInOf(events))).ask(seesAll, {
    question: "sessions",
    params: {},
    whole: false,
  });
  expect(answer.complete_up_to).not.toMatch(/:00:00Z$/);
  expect(answer.since).toMatch(/:00:00Z$/);
});

test("values are never part of the text, and no value can leave its quotes", async () => {
  const standIn = standInOf();
  const desk = new Desk(engineOf(standIn));
  const hostile = "x' or '1'='1' -- ?";
  expect((await desk.ask(seesAll, { question: "find", params: { text: hostile }, whole: true })).rows).toEqual([]);
  const sent = standIn.started.at(-1);
  expect(sent?.QueryString).not.toContain("1'='1");
  expect(new Set(sent?.ExecutionParameters)).toEqual(new Set(["'x'' or ''1''=''1'' -- ?'"]));
  const long = { question: "find", params: { text: "x".repeat(1_100) }, whole: true };
  await expect(desk.ask(seesAll, long)).rejects.toMatchObject({ code: "question.params" });
});

test("values come back as the embedded engine gives them", () => {
  const typed = [
    ["bigint", "9007199254740991", 9_007_199_254_740_991],
    ["double", "1.0E-4", 0.0001],
    ["boolean", "false", false],
    ["date", "2026-11-21", "2026-11-21"],
    ["timestamp", "2026-11-21 09:30:00.000", "2026-11-21T09:30:00Z"],
    ["timestamp(6)", "2026-11-21 09:30:00.120000", "2026-11-21T09:30:00.120Z"],
    ["timestamp with time zone", "2026-11-21 09:30:00.000 UTC", "2026-11-21T09:30:00Z"],
    ["decimal", "1.50", 1.5],
    ["varchar", "", ""],
    ["varchar", undefined, null],
  ] as const;
  for (const [type, text, value] of typed) expect(rowOf([{ name: "v", type }], [text])).toEqual({ v: value });
  expect(() => rowOf([{ name: "v", type: "array" }], ["[a, b]"])).toThrow("array");
});

test("ten megabytes are the least that a query costs, and megabytes are whole", () => {
  expect([dollarsOf(0), dollarsOf(10_000_000), dollarsOf(10_000_001), dollarsOf(1e12)]).toEqual([
    0.00005, 0.00005, 0.000055, 5,
  ]);
});
