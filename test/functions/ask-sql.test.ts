import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask } from "#/functions/ask.ts";
import { offerDesk } from "#/functions/desk.ts";
import { Desk } from "#/queries/ask.ts";
import { DuckdbEngine } from "#/queries/engines/duckdb-engine.ts";
import type { EventStore } from "#/queries/ingest/store.ts";
import { recordMints } from "#/queries/record.ts";
import { loaded } from "../queries/answers.ts";
import { trailOf } from "../queries/aws-records.ts";
import { builtProcess } from "../queries/ingest/worker.ts";
import { type Northwharf, openNorthwharf } from "./northwharf.ts";

const { records } = JSON.parse(readFileSync(`${import.meta.dirname}/../queries/events/organisation.json`, "utf8"));
let it: Northwharf;
let store: EventStore;
let remove: () => void;

beforeAll(async () => {
  it = await openNorthwharf();
  store = await loaded(trailOf(records));
  await recordMints(store.writer, []);
  const built = await builtProcess("queries/engines/sql-child.ts");
  ({ remove } = built);
  const { engine } = store;
  const desk = new Desk(
    new DuckdbEngine({ engine, watermark: () => 1, bytes: () => store.bytes(), sqlChild: built.file }),
  );
  offerDesk(it.world, () => desk);
}, 60_000);
afterAll(async () => {
  store.close();
  remove();
  await it.close();
});

const sql = "select count(*) as n from events";

test("who has ask-sql and sees all is answered, and the ledger has the statement", async () => {
  const { ticket, person } = await it.signIn("Ilse Brandt");
  const answer = await ask(it.world, { ticket }, { sql });
  expect(answer.rows).toEqual([{ n: records.length }]);
  expect((await it.ledger()).findLast(({ kind }) => kind === "exported")).toMatchObject({
    kind: "exported",
    body: { person_id: person.id, question: "sql", params: { sql }, rows: 1 },
  });
});

test("who has not is refused, whatever the statement, and nothing is read or recorded", async () => {
  const { ticket } = await it.signIn("Mara Oyelaran");
  const before = (await it.ledger()).length;
  for (const text of [sql, "drop table events"])
    await expect(ask(it.world, { ticket }, { sql: text })).rejects.toMatchObject({
      code: "question.unknown",
      message: expect.stringContaining("ask-sql"),
    });
  expect((await it.ledger()).length).toBe(before);
});

test("nobody who is not signed in asks", async () => {
  await expect(ask(it.world, {}, { sql })).rejects.toMatchObject({ code: "signin.required" });
});
