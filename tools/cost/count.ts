import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { isQuestion, type QuestionName, questions } from "#/queries/catalogue.ts";
import { dollarsOf } from "#/queries/engines/athena.ts";
import { columns } from "#/queries/engines/athena-columns.ts";
import { derived } from "#/queries/facts/derived.ts";
import { readTrail } from "#/queries/ingest/read.ts";
import { EventStore } from "#/queries/ingest/store.ts";
import { refreshFacts } from "#/queries/refresh.ts";
import { openSource } from "#/queries/sources/open.ts";
import { generateTrail } from "../trail-generator.ts";

/** The overview's panels: what one look at the trail asks. */
const dashboard = [
  "overview-figures",
  "overview-days",
  "assumptions-over-time",
  "assumption-flow",
  "look-first",
] as const;
/** What a day's run reads of events once more for each fact made of them. */
const read = ["records", "uses", "covered", "edits"] as const;
const month = 30 * 86_400;
const rates = [10, 1_000, 100_000] as const;
/** Runs a month: each quarter of an hour, and as many looks that are not a kept answer. */
const runs = 30 * 96;

/** Prints what a trail of so many events takes in Parquet, and what that makes of Athena's bill. */
export async function count(events: number): Promise<void> {
  const home = mkdtempSync(path.join(tmpdir(), "roletrail-cost-"));
  try {
    const trail = path.join(home, "trail");
    generateTrail({ out: trail, events, files: Math.max(80, Math.round(events / 140)), seed: "cost" });
    const store = await EventStore.open({
      events: path.join(home, "events"),
      facts: path.join(home, "facts.duckdb"),
      staging: path.join(home, "staging"),
    });
    await readTrail(store, await openSource(trail), refreshFacts, { now: () => new Date() });
    const sizes = await sizesOf(store, path.join(home, "parquet"));
    store.close();
    print(events, bytesUnder(trail), sizes);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

type Sizes = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Compressed bytes of every column of every fact, as a Parquet file's own footer tells them. */
async function sizesOf(store: EventStore, folder: string): Promise<Sizes> {
  mkdirSync(folder);
  const sizes = new Map<string, Map<string, number>>();
  for (const table of Object.keys(columns)) {
    const file = path.join(folder, `${table}.parquet`);
    await store.writer.run(`copy (from ${table}) to '${file}' (format parquet, compression zstd)`);
    const rows = await store.writer.rows(
      `select split_part(path_in_schema, ',', 1) as name, sum(total_compressed_size) as bytes from parquet_metadata('${file}') group by 1`,
    );
    sizes.set(table, new Map(rows.map(({ name, bytes }) => [String(name), Number(bytes)])));
  }
  return sizes;
}

/** Columns whose names occur in the text or in a derived fact's that it names: at least what the engine reads. */
function bytesOf(name: QuestionName, sizes: Sizes): number {
  const own = questions[name].sql;
  const named = (word: string, text: string): boolean => new RegExp(`\\b${word}\\b`).test(text);
  const texts = [own, ...Object.entries(derived).flatMap(([fact, { text }]) => (named(fact, own) ? [text] : []))].join(
    "\n",
  );
  let bytes = 0;
  for (const [table, of] of sizes)
    if (named(table, texts)) for (const [column, size] of of) if (named(column, texts)) bytes += size;
  return bytes;
}

function print(events: number, raw: number, sizes: Sizes): void {
  const whole = (table: string): number => [...(sizes.get(table)?.values() ?? [])].reduce((sum, size) => sum + size, 0);
  const per = (bytes: number): string => (bytes / events).toFixed(1);
  console.log(`${events} events over 90 days; bytes an event\n`);
  console.log(`| what | bytes an event |\n|---|---|\n| the logs, gzip | ${per(raw)} |`);
  for (const table of Object.keys(columns))
    if (whole(table) > 0) console.log(`| ${table}, Parquet | ${per(whole(table))} |`);
  const asked = Object.keys(questions)
    .filter(isQuestion)
    .map((name) => ({ name, bytes: bytesOf(name, sizes) }));
  console.log("\n| question | bytes an event | of the logs |\n|---|---|---|");
  for (const { name, bytes } of asked)
    console.log(`| ${name} | ${per(bytes)} | ${((bytes / raw) * 100).toFixed(2)} % |`);
  console.log(
    "\n| events a second | one look, from the logs | one look, from facts | looks a month, from the logs | from facts | runs of the facts a month |\n|---|---|---|---|---|---|",
  );
  for (const rate of rates) console.log(bill(rate, raw / events, sizes, events));
}

/** One rate's line: 30 days of trail behind each look, five panels a look. */
function bill(rate: number, rawPer: number, sizes: Sizes, events: number): string {
  const seen = rate * month;
  const panels = dashboard.map((name) => (bytesOf(name, sizes) / events) * seen);
  const fromFacts = panels.reduce((sum, bytes) => sum + dollarsOf(bytes), 0);
  const fromLogs = dollarsOf(rawPer * seen) * dashboard.length;
  const money = (dollars: number): string =>
    `$${dollars < 1 ? dollars.toFixed(4) : Math.round(dollars).toLocaleString("en")}`;
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toPrecision(3)} GB`;
  return `| ${rate.toLocaleString("en")} | ${gigabytes(rawPer * seen * dashboard.length)}, ${money(fromLogs)} | ${gigabytes(panels.reduce((a, b) => a + b, 0))}, ${money(fromFacts)} | ${money(fromLogs * runs)} | ${money(fromFacts * runs)} | ${money(runsCost(rate, rawPer, sizes, events))} |`;
}

/** New logs once; of events, on average half a day of the columns that the facts are made of; the linking facts whole. */
function runsCost(rate: number, rawPer: number, sizes: Sizes, events: number): number {
  const sum = (tables: readonly string[]): number =>
    tables.flatMap((table) => [...(sizes.get(table)?.values() ?? [])]).reduce((a, b) => a + b, 0) / events;
  const logs = dollarsOf((rawPer * rate * month) / runs);
  const day = dollarsOf(sum(["events"]) * rate * 43_200) * read.length;
  const linking = dollarsOf(sum(["uses", "links", "openings", "callers", "opened"]) * rate * month) * 3;
  return (logs + day + linking) * runs;
}

const bytesUnder = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);
