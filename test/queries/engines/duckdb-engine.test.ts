import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { DuckdbEngine } from "#/queries/engines/duckdb-engine.ts";
import type { Statement } from "#/queries/engines/engine.ts";
import type { EventStore } from "#/queries/ingest/store.ts";
import { seesAll } from "#/queries/viewer.ts";
import { emptyStore } from "../answers.ts";

let store: EventStore;
let engine: DuckdbEngine;

beforeAll(async () => {
  store = await emptyStore();
  engine = new DuckdbEngine({ engine: store.engine, watermark: () => 1, bytes: () => store.bytes() });
});
afterAll(() => store.close());

const statement = (sql: string, params: Statement["params"] = {}): Statement => ({
  sql,
  params,
  rowsMax: null,
  seconds: 20,
  viewer: seesAll,
});

test("questions asked at once share as many connections as run at once, round after round", async () => {
  const opened = vi.spyOn(store.engine, "connect");
  for (let round = 0; round < 5; round += 1)
    await Promise.all(
      Array.from({ length: 8 }, (_, n) => engine.run(statement("select cast(:n as bigint) as n", { n }))),
    );
  // Four run at once. One that is not given back is opened anew in the next round.
  expect(opened.mock.calls.length).toBeLessThanOrEqual(4);
});

test("it is quiet while nobody asks: not during a question, nor right after one", async () => {
  const own = new DuckdbEngine({ engine: store.engine, watermark: () => 1, bytes: () => store.bytes() });
  expect(own.quietFor()).toBe(Number.POSITIVE_INFINITY);
  const asked = own.run(statement("select 1 as n"));
  expect(own.quietFor()).toBe(0);
  await asked;
  expect(own.quietFor()).toBeLessThan(1_000);
  await expect(own.run(statement("select nothing"))).rejects.toThrow();
  expect(own.quietFor()).toBeLessThan(1_000);
});

test("a text asked again is answered with its own values and from the tables of that moment", async () => {
  const asked = async (n: number | null) =>
    (
      await engine.run(
        statement("select v from t where cast(:n as bigint) is null or v = cast(:n as bigint) order by v", { n }),
      )
    ).rows;
  await store.writer.run("create table t as select unnest([1, 2]) as v");
  expect(await asked(2)).toEqual([{ v: 2 }]);
  expect(await asked(null)).toEqual([{ v: 1 }, { v: 2 }]);
  await store.writer.run("insert into t values (3)");
  expect(await asked(3)).toEqual([{ v: 3 }]);
  await store.writer.run("drop table t; create view t as select 'x' as w, 3 as v");
  expect(await asked(3)).toEqual([{ v: 3 }]);
  expect(await asked(1)).toEqual([]);
});
