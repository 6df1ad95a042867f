import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import type { RefreshFacts } from "#/queries/ingest/commit.ts";
import { openCurrent, parserVersion } from "#/queries/ingest/versions.ts";
import { keyOf, type Place, packed, place, put, read, record } from "./trail.ts";

/** A store as a run with these facts leaves it: two files, one event a file, facts that count them. */
async function left(facts: string): Promise<Place & { readonly version: string }> {
  const at = await place();
  at.store.close();
  rmSync(path.join(at.home, "events"), { recursive: true });
  rmSync(path.join(at.home, "facts.duckdb"));
  put(at, keyOf("aaaaaaaaaaaaaaaa"), packed([record("e1")]));
  put(at, keyOf("bbbbbbbbbbbbbbbb"), packed([record("e1"), record("e2")]));
  const version = path.join(at.home, "version.json");
  const store = await openCurrent(placesOf(at, version), { version: facts, refresh: counting([]) });
  await read({ ...at, store }, counting([]));
  store.close();
  return { ...at, version };
}

const placesOf = (at: Place, version: string) => ({ ...at.store.places, version });

/** Stands for the facts: one table of how many events there are, and a note of each time it was made. */
const counting =
  (made: boolean[]): RefreshFacts =>
  async (connection, { everything }) => {
    made.push(everything);
    await connection.run("create or replace table counted as select count(*) as events from events");
  };

const versionsIn = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));

test("facts of another text are made new from the events, all but the files; the source is not read", async () => {
  const at = await left("facts-1");
  expect(versionsIn(at.version)).toEqual({ parser: parserVersion, facts: "facts-1" });
  rmSync(at.trail, { recursive: true });
  const made: boolean[] = [];
  const store = await openCurrent(placesOf(at, at.version), { version: "facts-2", refresh: counting(made) });
  expect(made).toEqual([true]);
  expect(await store.writer.rows("select events from counted")).toEqual([{ events: 2 }]);
  expect(await store.writer.rows("select count(*) as n, sum(records) as r from files")).toEqual([{ n: 2, r: 3 }]);
  expect(await store.writer.rows("select count(*) as n from event_keys")).toEqual([{ n: 2 }]);
  expect(await store.writer.rows("select count(*) as n from duplicates")).toEqual([{ n: 1 }]);
  store.close();
  expect(versionsIn(at.version)).toEqual({ parser: parserVersion, facts: "facts-2" });
});

test("facts of the same text are kept", async () => {
  const at = await left("facts-1");
  const made: boolean[] = [];
  const store = await openCurrent(placesOf(at, at.version), { version: "facts-1", refresh: counting(made) });
  expect(made).toEqual([]);
  expect(await read({ ...at, store }, counting(made))).toMatchObject({ listed: 2, read: 0 });
  store.close();
});

test("events of another parser go, and the source is read again; what others keep in version.json stays", async () => {
  const at = await left("facts-1");
  writeFileSync(at.version, JSON.stringify({ store: 7, parser: parserVersion - 1, facts: "facts-1" }));
  const store = await openCurrent(placesOf(at, at.version), { version: "facts-1", refresh: counting([]) });
  expect(await store.parts()).toEqual([]);
  expect(await store.writer.rows("select count(*) as n from files")).toEqual([{ n: 0 }]);
  expect(await read({ ...at, store }, counting([]))).toMatchObject({ listed: 2, read: 2 });
  expect(await store.writer.rows("select events from counted")).toEqual([{ events: 2 }]);
  store.close();
  expect(versionsIn(at.version)).toEqual({ store: 7, parser: parserVersion, facts: "facts-1" });
});

test("events of a newer Roletrail are refused, and nothing of them is touched", async () => {
  const at = await left("facts-1");
  const newer = JSON.stringify({ parser: parserVersion + 1, facts: "facts-9" });
  writeFileSync(at.version, newer);
  const parts = () => readdirSync(path.join(at.home, "events"), { recursive: true });
  const before = parts();
  await expect(
    openCurrent(placesOf(at, at.version), { version: "facts-1", refresh: counting([]) }),
  ).rejects.toMatchObject({ code: "config.invalid", message: expect.stringContaining("newer Roletrail") });
  expect(parts()).toEqual(before);
  expect(readFileSync(at.version, "utf8")).toBe(newer);
  expect(existsSync(path.join(at.home, "facts.duckdb"))).toBe(true);
});
