import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stageInWorker } from "#/queries/ingest/pool.ts";
import { readTrail } from "#/queries/ingest/read.ts";
import type { Staged } from "#/queries/ingest/stage.ts";
import { openSource } from "#/queries/sources/open.ts";
import { keyOf, noFacts, openStore, type Place, packed, place, put, read, record } from "./trail.ts";
import { builtWorker } from "./worker.ts";

let worker: Awaited<ReturnType<typeof builtWorker>>;
beforeAll(async () => {
  worker = await builtWorker();
});
afterAll(() => worker.remove());

const now = () => new Date("2026-11-21T12:00:00Z");
const name = (number: number): string => `file${String(number).padStart(12, "0")}`;

/** 1,200 files of five days, one of them cut short and one with a record that is none. */
function many(at: Place): void {
  for (let number = 0; number < 1_200; number += 1) {
    const day = `2026/11/${String(11 + (number % 5)).padStart(2, "0")}`;
    const eventTime = `${day.replaceAll("/", "-")}T10:00:00Z`;
    const records = [record(`e${number}-0`, { eventTime }), record(`e${number}-1`, { eventTime })];
    put(at, keyOf(name(number), day), packed(number === 7 ? [...records, null] : records));
  }
  put(at, keyOf(name(9_999)), packed([record("x")]).subarray(0, -9));
}

test("the worker process loads what this process loads", async () => {
  const at = await place();
  many(at);
  const report = await readTrail(at.store, await openSource(at.trail), noFacts, {
    now,
    worker: worker.file,
    lanes: 2,
  });
  expect(report).toMatchObject({ listed: 1_201, read: 1_201 });
  expect(
    await at.store.writer.rows(
      "select state, count(*) as files, sum(records) as records from files group by 1 order by 1",
    ),
  ).toEqual([
    { state: "loaded", files: 1_200, records: 2_400 },
    { state: "unreadable", files: 1, records: 0 },
  ]);
  const [events] = await at.store.writer.rows("select count(*) as n, count(distinct event_id) as d from events");
  expect(events).toEqual({ n: 2_400, d: 2_400 });
  const [rejected] = await at.store.writer.rows("select reason from files where rejected_records > 0");
  expect(rejected).toEqual({ reason: "1 record: not an object" });
  at.store.close();
});

test("a file that ends the worker is unreadable, and every other file loads, of the batch beside it too", async () => {
  const at = await place();
  const keys = [1, 2, 3].map((number) => keyOf(name(number)));
  const beside = [4, 5].map((number) => keyOf(name(number)));
  for (const [index, key] of [...keys, ...beside].entries()) put(at, key, packed([record(`e${index}`)]));
  // Stands in for a file that takes all memory: this worker ends at its sight, with whatever else is under way.
  const fragile = path.join(at.home, "fragile.mjs");
  writeFileSync(
    fragile,
    `import { readFileSync } from "node:fs";
     process.on("message", (batch) => { if (batch.keys.some((key) => key === ${JSON.stringify(keys[1])})) process.exit(9); });
     await import(${JSON.stringify(worker.file)});`,
  );
  const staged: Staged[] = [];
  const folders = { events: path.join(at.home, "events"), staging: path.join(at.home, "staging") };
  const pool = { where: at.trail, ...folders, worker: fragile, lanes: 2 };
  const batches = [
    { id: "beside", keys: beside },
    { id: "b", keys },
  ];
  for await (const one of stageInWorker(pool, batches)) staged.push(one);
  const states = staged.flatMap(({ files }) =>
    files.map(({ key, state, records }) => [key, `${state} ${records}`] as const),
  );
  expect(Object.fromEntries(states)).toEqual({
    ...Object.fromEntries([...keys, ...beside].map((key) => [key, "loaded 1"])),
    [keys[1] ?? ""]: "unreadable 0",
  });
  expect(states).toHaveLength(5);
  const [bad] = staged.flatMap(({ files }) => files).filter(({ state }) => state === "unreadable");
  expect(bad?.reason).toBe("reading it took more memory or time than a log file may");
  at.store.close();
});

test("killed at any moment, the next start is whole: each file once, no part that the ledger does not know", async () => {
  const at = await place();
  many(at);
  at.store.close();
  const reader = await bundledReader(at);
  // Before anything is read, and so long after the first batch is staged: before, during and after its commit.
  for (const milliseconds of [null, 0, 4, 15, 40, 120]) {
    const child = fork(reader, [at.home, at.trail, worker.file], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    if (milliseconds === null) child.kill("SIGKILL");
    else child.once("message", () => setTimeout(() => child.kill("SIGKILL"), milliseconds));
    await once(child, "exit");
    const store = await openStore(at.home);
    const [files] = await store.writer.rows(
      "select count(*) as n, count(distinct file) as d, sum(records) as r from files",
    );
    const [events] = await store.writer.rows("select count(*) as n, count(distinct event_id) as d from events");
    expect(files?.["n"]).toBe(files?.["d"]);
    expect(events?.["n"]).toBe(Number(files?.["r"] ?? 0));
    expect(events?.["n"]).toBe(events?.["d"]);
    const known = new Set(await store.parts());
    for (const part of partsOnDisk(path.join(at.home, "events"))) expect(known.has(part)).toBe(true);
    // Lines of records wait there for the engine, with session tokens in them.
    expect(readdirSync(path.join(at.home, "staging"))).toEqual([]);
    store.close();
  }
  const store = await openStore(at.home);
  await read({ ...at, store });
  const [events] = await store.writer.rows("select count(*) as n, count(distinct event_id) as d from events");
  expect(events).toEqual({ n: 2_400, d: 2_400 });
  const [files] = await store.writer.rows("select count(*) as n from files");
  expect(files).toEqual({ n: 1_201 });
  store.close();
}, 120_000);

function partsOnDisk(events: string): string[] {
  if (!existsSync(events)) return [];
  return readdirSync(events, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(events, path.join(entry.parentPath, entry.name)));
}

/** A process that reads the trail in small commits, to be killed. */
async function bundledReader(at: Place): Promise<string> {
  const file = path.join(path.dirname(worker.file), "reader.mjs");
  const source = `
    import { readTrail } from "#/queries/ingest/read.ts";
    import { EventStore } from "#/queries/ingest/store.ts";
    import { openSource } from "#/queries/sources/open.ts";
    const [home, trail, worker] = process.argv.slice(2);
    const store = await EventStore.open({ events: home + "/events", facts: home + "/facts.duckdb", staging: home + "/staging" });
    await readTrail(store, await openSource(trail), async () => undefined, { now: () => new Date(), worker, lanes: 2, commitAt: 300, progress: () => process.send?.("staged") });
    store.close();
    process.exit(0);`;
  const input = path.join(at.home, "reader.ts");
  writeFileSync(input, source);
  const root = path.resolve(import.meta.dirname, "../../..");
  await build({
    absWorkingDir: root,
    stdin: { contents: source, resolveDir: root, loader: "ts" },
    alias: { "#": root },
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["@duckdb/*", "@aws-sdk/*", "zod", "ulid"],
    loader: { ".sql": "text" },
    logLevel: "error",
  });
  return file;
}

test("bytes after a gzip's end that are no gzip do no harm", async () => {
  const at = await place();
  put(at, keyOf(name(1)), Buffer.concat([gzipSync(JSON.stringify({ Records: [record("e1")] })), Buffer.alloc(64)]));
  await read(at);
  const [row] = await at.store.writer.rows("select state, records from files");
  expect(row).toEqual({ state: "loaded", records: 1 });
  at.store.close();
});
