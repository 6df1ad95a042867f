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
  readonly param?: readonly string[];
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
  const listing = await listed(source);
  const store = await openStore(kept, listing);
  const once: Source = { where: source.where, list: async () => listing, read: (key) => source.read(key) };
  try {
    const report = await readTrail(store, once, refreshFacts, { now: () => new Date(), progress });
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

/** A bucket's refusal names neither the bucket nor what was wanted of it. */
async function listed(source: Source): Promise<Listing> {
  try {
    return await source.list();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const why = error instanceof Error && error.message !== "" ? error.message : String(error);
    throw new Refusal("trail.none", `${source.where} cannot be listed: ${why.replace(/\.$/, "")}.`, {
      help: source.where.startsWith("s3://") ? "Region and credentials are those that the AWS CLI would use." : "",
    });
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
  const given = givenBy(options);
  if (question.params.some((param) => param.name === "session") && !("session" in given))
    throw new Refusal("question.params", `${name} is about one session.`, {
      help: "Add --param session=ID, a session id or an access key; roletrail ask sessions lists them.",
    });
  for (const { name: param, type } of question.params) {
    const text = type === "timestamp" ? given[param] : undefined;
    if (text !== undefined) given[param] = timeOf(param, text);
  }
  const { since, until } = given;
  if (since !== undefined && until !== undefined && Date.parse(until) < Date.parse(since))
    throw new Refusal("question.params", `The window ends (${until}) before it begins (${since}).`);
  return { question: name, params: paramsOf(question, given), whole: true };
}

/** What the question is asked with, as it was written. Of a name given twice nobody knows which was meant. */
function givenBy({ param = [], since, until }: AskOptions): Record<string, string> {
  const given: Record<string, string> = {};
  const add = (name: string, value: string): void => {
    if (name in given) throw new Refusal("question.params", `${name} is given twice.`);
    given[name] = value;
  };
  for (const pair of param) {
    const at = pair.indexOf("=");
    // An empty value is that of a shell's variable that is not set: no row has it, and nobody asks for none.
    if (at < 1 || at === pair.length - 1) throw new Refusal("question.params", `--param ${pair} is not name=value.`);
    add(pair.slice(0, at), pair.slice(at + 1));
  }
  if (since !== undefined) add("since", since);
  if (until !== undefined) add("until", until);
  return given;
}

const spans: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** A time, seconds or not, a date (its first second, UTC) or how long ago: `30d`, `12h`. */
function timeOf(param: string, text: string): string {
  const [, count, unit] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined)
    return wholeSeconds(new Date(Date.now() - Number(count) * (spans[unit] ?? 0) * 1_000));
  // Without a zone it is UTC's, as all times here are, whatever zone this machine is in.
  for (const rest of ["", "Z", ":00Z", "T00:00:00Z"]) {
    const time = readTime(`${text}${rest}`);
    if (time !== null) return time;
  }
  throw new Refusal("question.params", `${param}: ${text} is no time.`, {
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

function sayReport({ listing, skipped }: ReadReport): void {
  if (shownAt > 0) process.stderr.write("\r\u001b[K");
  if (listing.files.length === 0) say("There is no log file in it: .json, .jsonl or .ndjson, each also as .gz.");
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

/** A reader that has seen enough (`| head`) is no fault; a disk that is full is one. */
function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = (error?: NodeJS.ErrnoException | null): void =>
      error === undefined || error === null || error.code === "EPIPE" ? resolve() : reject(error);
    process.stdout.once("error", ended);
    process.stdout.write(text, ended);
  });
}
