import { existsSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { isQuestion, type QuestionName, questions } from "#/queries/catalogue.ts";
import type { EventStore } from "#/queries/ingest/store.ts";
import { type MintFact, recordMints } from "#/queries/record.ts";
import { answer, loaded } from "./answers.ts";
import { trailOf } from "./aws-records.ts";

/**
 * `<question>.json`: raw CloudTrail records (a file of `events/`), params and rows. `counted` is a record without which
 * the first case's answer is another, `not_counted` one without which it is the same.
 */
const Case = z.strictObject({
  events: z.string(),
  counted: z.string().optional(),
  not_counted: z.string().optional(),
  cases: z
    .array(
      z.strictObject({
        params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
        rows: z.array(z.record(z.string(), z.unknown())),
      }),
    )
    .min(1),
});
const Events = z.object({
  mints: z.array(z.custom<MintFact>((value) => typeof value === "object")),
  records: z.array(z.record(z.string(), z.unknown())),
});

const folder = import.meta.dirname;
const names = Object.keys(questions).filter(isQuestion);
const fileOf = (name: QuestionName): string => `${folder}/${name}.json`;
const caseOf = (name: QuestionName) => Case.parse(JSON.parse(readFileSync(fileOf(name), "utf8")));

const stores = new Map<string, Promise<EventStore>>();

/** The events' store, or the one without a record. Each is loaded once. */
function storeOf(events: string, without: string): Promise<EventStore> {
  const key = `${events} ${without}`;
  const known = stores.get(key) ?? load(events, without);
  stores.set(key, known);
  return known;
}

async function load(events: string, without: string): Promise<EventStore> {
  const { mints, records } = Events.parse(JSON.parse(readFileSync(`${folder}/events/${events}.json`, "utf8")));
  const left = records.filter((record) => record["eventID"] !== without);
  expect(left.length).toBe(without === "" ? records.length : records.length - 1);
  const store = await loaded(trailOf(left));
  await recordMints(store.writer, mints);
  return store;
}

afterAll(async () => {
  for (const store of stores.values()) (await store).close();
});

test("every question has its cases", () => {
  expect(names.filter((name) => !existsSync(fileOf(name)))).toEqual([]);
});

/** Of files alone, good and damaged: test/queries/ingest/bad-input.test.ts. */
const readsNoRecord: ReadonlySet<QuestionName> = new Set(["trail-problems"]);

describe.each(names)("%s", (name) => {
  const { events, counted, not_counted, cases } = caseOf(name);
  const [first] = cases;

  test.each(cases.map((one) => [JSON.stringify(one.params), one] as const))("answers for %s", async (_, one) => {
    const rows = await answer((await storeOf(events, "")).writer, name, one.params);
    expect(rows).toEqual(one.rows);
    // What its header declares is what it answers, in that order.
    if (rows[0] !== undefined)
      expect(Object.keys(rows[0])).toEqual(questions[name].columns.map((column) => column.name));
  });

  if (readsNoRecord.has(name)) return;

  test(`counts ${counted}`, async () => {
    const store = await storeOf(events, counted ?? "");
    expect(await answer(store.writer, name, first?.params)).not.toEqual(first?.rows);
  });

  test(`does not count ${not_counted}`, async () => {
    const store = await storeOf(events, not_counted ?? "");
    const bytes = { bytes: expect.anything() };
    const wanted = first?.rows.map((row) => ("bytes" in row ? { ...row, ...bytes } : row));
    expect(await answer(store.writer, name, first?.params)).toEqual(wanted);
  });
});
