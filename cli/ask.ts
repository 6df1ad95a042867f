import { Refusal } from "#/core/refusal.ts";
import { readTime, wholeSeconds } from "#/core/time.ts";
import type { Answer, AskRequest } from "#/core/wire.ts";
import { Desk, paramsOf } from "#/queries/ask.ts";
import { isQuestion, questions } from "#/queries/catalogue.ts";
import { DuckdbEngine } from "#/queries/engines/duckdb-engine.ts";
import { factsVersion } from "#/queries/facts/version.ts";
import { type ReadReport, readTrail } from "#/queries/ingest/read.ts";
import { EventStore } from "#/queries/ingest/store.ts";
import { parserVersion } from "#/queries/ingest/versions.ts";
import { refreshFacts } from "#/queries/refresh.ts";
import { openSource } from "#/queries/sources/open.ts";
import type { Listing, Source } from "#/queries/sources/source.ts";
import { seesAll } from "#/queries/viewer.ts";
import { type Kept, openCache, openTemporary } from "./cache.ts";
import { type Format, formats } from "./rows.ts";
import { findRun } from "./world.ts";

export interface AskOptions {
  readonly trail?: string;
  readonly since?: string;
  readonly until?: string;
  readonly param: readonly string[];
  readonly format?: Format;
  /** False for `--no-cache`. */
  readonly cache: boolean;
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** Rows on stdout and nothing else. @returns the exit code. @throws Refusal before anything is on stdout. */
export async function ask(name: string | undefined, options: AskOptions, root: string): Promise<number> {
  if (name === undefined) return list();
  const request = requestOf(name, options);
  const trail = options.trail ?? trailOfRun(root);
  const source = await openSource(trail);
  const kept = options.cache ? await openCache(trail, `${parserVersion}-${factsVersion}`) : openTemporary();
  try {
    const { answer, faults } = await answered(kept, source, request);
    const format = formats[options.format ?? (process.stdout.isTTY ? "table" : "ndjson")];
    await write(format(answer, process.stdout.columns));
    if (answer.rows.length === 0 && process.stdout.isTTY) say("No rows.");
    return faults ? 3 : 0;
  } finally {
    kept.release();
  }
}

async function answered(kept: Kept, source: Source, request: AskRequest): Promise<{ answer: Answer; faults: boolean }> {
  const listing = await source.list();
  const store = await openStore(kept, listing);
  const listed: Source = { where: source.where, list: async () => listing, read: (key) => source.read(key) };
  try {
    const report = await readTrail(store, listed, refreshFacts, { now: () => new Date(), progress });
    // An empty folder has facts too: none.
    if (report.touched.length === 0 && (await store.parts()).length === 0) await store.rebuild(refreshFacts);
    say(kept.said);
    sayReport(report);
    const faults = await sayFaults(store);
    const bytes = () => ({ facts: 0, events: 0 });
    const answer = await new Desk(new DuckdbEngine({ engine: store.engine, watermark: () => 0, bytes })).ask(
      seesAll,
      request,
    );
    return { answer, faults };
  } finally {
    store.close();
  }
}

/** What was kept of a file that is no longer there is no part of the answer: then all is read anew. */
async function openStore(kept: Kept, { files }: Listing): Promise<EventStore> {
  const store = await EventStore.open(kept.places, "1GB");
  const keys = new Set(files.map(({ key }) => key));
  const known = await store.writer.rows("select file from files");
  if (known.every(({ file }) => keys.has(String(file)))) return store;
  store.close();
  kept.empty();
  return EventStore.open(kept.places, "1GB");
}

function trailOfRun(root: string): string {
  const folder = findRun(root).trail?.folder;
  if (folder !== undefined && folder !== null) return folder;
  throw new Refusal("trail.none", "The Roletrail that runs here reads no trail.", {
    help: "Name logs with --trail FOLDER.",
  });
}

function requestOf(name: string, options: AskOptions): AskRequest {
  const question = isQuestion(name) ? questions[name] : undefined;
  if (question === undefined)
    throw new Refusal("question.unknown", `${name} is not a question.`, {
      help: "roletrail ask, without one, lists them.",
    });
  const given: Record<string, string> = {};
  for (const pair of options.param) {
    const at = pair.indexOf("=");
    if (at < 1) throw new Refusal("question.params", `--param ${pair} is not name=value.`);
    given[pair.slice(0, at)] = pair.slice(at + 1);
  }
  if (question.params.some((param) => param.name === "session") && !("session" in given))
    throw new Refusal("question.params", `${name} is about one session.`, {
      help: "Add --param session=ID, a session id or an access key; roletrail ask sessions lists them.",
    });
  for (const edge of ["since", "until"] as const) {
    const text = options[edge] ?? given[edge];
    if (text !== undefined) given[edge] = timeOf(edge, text);
  }
  return { question: name, params: paramsOf(question, given), whole: true };
}

const spans: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** A time, a date (its first second, UTC) or how long ago: `30d`, `12h`. */
function timeOf(edge: string, text: string): string {
  const [, count, unit] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined)
    return wholeSeconds(new Date(Date.now() - Number(count) * (spans[unit] ?? 0) * 1_000));
  // Without a zone it is UTC's, as all times here are, whatever zone this machine is in.
  const time = readTime(text) ?? readTime(`${text}Z`) ?? readTime(`${text}T00:00:00Z`);
  if (time !== null) return time;
  throw new Refusal("question.params", `--${edge} ${text} is no time.`, {
    help: "Write 2026-11-21T09:30:00Z, 2026-11-21, or 30d for 30 days ago.",
  });
}

function list(): number {
  const size = Math.max(...Object.keys(questions).map((name) => name.length));
  for (const [name, { asks, menu }] of Object.entries(questions))
    if (menu === "trail" || name === "session-calls") process.stdout.write(`${name.padEnd(size)}  ${asks}\n`);
  say("roletrail ask QUESTION --trail FOLDER answers one; docs/queries.md says what each takes.");
  return 0;
}

let shownAt = 0;

function progress({ files, of, records }: { files: number; of: number; records: number }): void {
  if (!process.stderr.isTTY || Date.now() - shownAt < 200) return;
  shownAt = Date.now();
  process.stderr.write(
    `\rReading ${files.toLocaleString("en")} of ${of.toLocaleString("en")} files, ${records.toLocaleString("en")} records\u001b[K`,
  );
}

function sayReport({ skipped }: ReadReport): void {
  if (shownAt > 0) process.stderr.write("\r\u001b[K");
  const kinds = Object.entries(skipped).map(([kind, count]) => `${count} ${kind}`);
  if (kinds.length > 0) say(`Not log files, left out: ${kinds.join(", ")}.`);
}

const faultsShown = 20;

/** Names what could not be read. @returns whether anything was. */
async function sayFaults(store: EventStore): Promise<boolean> {
  const rows = await store.writer.rows(
    "select file, state, reason from files where state = 'unreadable' or rejected_records > 0 order by file",
  );
  for (const { file, state, reason } of rows.slice(0, faultsShown))
    say(`${state === "unreadable" ? "Not read" : "In part"}: ${JSON.stringify(file)}: ${reason}`);
  if (rows.length > faultsShown) say(`and ${rows.length - faultsShown} more; roletrail ask trail-summary counts them.`);
  return rows.length > 0;
}

/** A reader that has seen enough (`| head`) is no fault. */
function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EPIPE" ? resolve() : reject(error),
    );
    process.stdout.write(text, () => resolve());
  });
}
