import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Desk } from "#/queries/ask.ts";
import { isQuestion, type QuestionName, questions } from "#/queries/catalogue.ts";
import type { Asker } from "#/queries/engines/athena.ts";
import { type Table, tables } from "#/queries/engines/athena-ddl.ts";
import { AthenaEngine } from "#/queries/engines/athena-engine.ts";
import { refreshAthena } from "#/queries/engines/athena-facts.ts";
import { DuckdbEngine } from "#/queries/engines/duckdb-engine.ts";
import { computedFacts } from "#/queries/facts/tables.ts";
import { texts } from "#/queries/facts/texts.ts";
import type { EventStore } from "#/queries/ingest/store.ts";
import { type MintFact, recordMints } from "#/queries/record.ts";
import { mayAsk, seesAll, type Viewer } from "#/queries/viewer.ts";
import { loaded } from "../queries/answers.ts";
import { type AwsRecord, trailOf } from "../queries/aws-records.ts";
import { copyInto, emptyLake } from "./load.ts";

const folder = `${import.meta.dirname}/../queries`;
// biome-ignore lint/suspicious/noExplicitAny: the suites' own JSON
const json = (file: string): any => JSON.parse(readFileSync(`${folder}/${file}`, "utf8"));
const names = Object.keys(questions).filter(isQuestion);
type Params = Record<string, string | number | boolean | null>;
const casesOf = (name: QuestionName): { events: string; cases: { params: Params }[] } => json(`${name}.json`);

/** Times, numbers, absence and lists alike on both; in order of text, for a table has none. */
async function rowsOf(lake: Asker, store: EventStore, table: Table): Promise<{ trino: string[]; duckdb: string[] }> {
  const list = Object.entries(tables[table]).map(([name, type]) =>
    type.startsWith("array") ? `json_format(cast("${name}" as json)) as "${name}"` : `"${name}"`,
  );
  const sql = `select ${list.join(", ")} from "${table}"`;
  const plain = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
  const { rows } = await lake.query({ sql, seconds: 120 });
  return { trino: plain(rows), duckdb: plain(await store.writer.rows(sql)) };
}

async function daysOf(store: EventStore, where: string): Promise<string[]> {
  const rows = await store.writer.rows(
    `select distinct cast(day as varchar) as day from events where ${where} order by 1`,
  );
  return rows.map(({ day }) => String(day));
}

/** What the facts read beside the events. */
async function copyBooks(lake: Asker, store: EventStore): Promise<void> {
  for (const table of ["files", "duplicates", "minted", "own_roles"] as const)
    await copyInto(lake, store.writer, table);
}

async function expectEqual(lake: Asker, store: EventStore): Promise<void> {
  for (const table of computedFacts) {
    const { trino, duckdb } = await rowsOf(lake, store, table);
    expect(trino, table).toEqual(duckdb);
  }
}

test("every statement of the facts is run here", () => {
  const derived = ["activity", "coverage", "mints"];
  expect([...computedFacts, ...derived].sort()).toEqual(Object.keys(texts).sort());
});

describe.each([...new Set(names.map((name) => casesOf(name).events))])("%s", (events) => {
  let store: EventStore;
  let lake: Asker;

  beforeAll(async () => {
    const { mints, records }: { mints: MintFact[]; records: AwsRecord[] } = json(`events/${events}.json`);
    store = await loaded(trailOf(records));
    await recordMints(store.writer, mints);
    lake = await emptyLake(`lake_${events}`);
    await copyBooks(lake, store);
  });
  afterAll(() => store.close());

  test("facts merged run by run are the embedded engine's of one read", async () => {
    for (const half of [1, 0]) {
      const where = `hash(event_id) % 2 = ${half}`;
      await copyInto(lake, store.writer, "events", where);
      expect(await refreshAthena(lake, await daysOf(store, where))).toBe(true);
    }
    await expectEqual(lake, store);
  });

  test("a second run over the same days changes nothing", async () => {
    expect(await refreshAthena(lake, await daysOf(store, "true"))).toBe(false);
    await expectEqual(lake, store);
  });

  describe("questions", () => {
    beforeAll(async () => {
      await lake.query({ sql: "insert into runs values (timestamp '2026-11-21 09:30:00.000000')", seconds: 60 });
    });
    const viewers: readonly Viewer[] = [seesAll, { accounts: ["111122223333"], person: "p_abcdefghijklmnop" }];
    test.each(names.filter((name) => casesOf(name).events === events))("%s", async (name) => {
      const embedded = new Desk(
        new DuckdbEngine({ engine: store.engine, watermark: () => 1, bytes: () => store.bytes() }),
      );
      const desk = new Desk(new AthenaEngine(lake, () => new Date("2026-11-21T10:00:00Z")));
      for (const { params } of casesOf(name).cases)
        for (const viewer of viewers.filter((one) => mayAsk(one, questions[name])))
          for (const whole of viewer === seesAll ? [false, true] : [true]) {
            const windowed = questions[name].params.some((param) => param.name === "since");
            const request = { question: name, params: { ...(windowed ? { since: null } : {}), ...params }, whole };
            const { rows, columns, complete_up_to } = await desk.ask(viewer, request);
            const wanted = await embedded.ask(viewer, request);
            expect({ columns, complete_up_to }).toEqual({
              columns: wanted.columns,
              complete_up_to: wanted.complete_up_to,
            });
            expect(rows.map(withoutBytes)).toEqual(wanted.rows.map(withoutBytes));
          }
    });
  });
});

/** Sizes of files differ from run to run of the same suite: their gzip holds a time. */
const withoutBytes = ({ bytes: _, ...row }: Record<string, unknown>): Record<string, unknown> => row;
