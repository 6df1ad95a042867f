import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Desk } from "#/queries/ask.ts";
import { isQuestion, type QuestionName, questions } from "#/queries/catalogue.ts";
import { athenaUpkeep, upkeepTables } from "#/queries/engines/athena-ddl.ts";
import { AthenaEngine } from "#/queries/engines/athena-engine.ts";
import { ingestAthena } from "#/queries/engines/athena-ingest.ts";
import { recordAthena } from "#/queries/engines/athena-record.ts";
import { DuckdbEngine } from "#/queries/engines/duckdb-engine.ts";
import { readTrail } from "#/queries/ingest/read.ts";
import { EventStore } from "#/queries/ingest/store.ts";
import { recordMints, recordOwnRoles } from "#/queries/record.ts";
import { refreshFacts } from "#/queries/refresh.ts";
import { openSource } from "#/queries/sources/open.ts";
import type { Listed } from "#/queries/sources/source.ts";
import { seesAll } from "#/queries/viewer.ts";
import { type CaseTrail, caseTrail, paramsOf } from "./cases.ts";
import { Lake, putTrail } from "./lake.ts";
import type { Run } from "./run.ts";
import { Failed } from "./steps.ts";
import type { Storage } from "./storage.ts";

const ownRoles = [{ role: "arn:aws:iam::111122223333:role/RoletrailRevoker", caller: null }];

/** Everything about the trail: case events from raw logs to facts on Athena, every question compared with DuckDB. */
export async function athenaSteps(run: Run, storage: Storage): Promise<void> {
  const trail = caseTrail();
  const lake = new Lake(run);
  const home = mkdtempSync(path.join(tmpdir(), "roletrail-contract-facts-"));
  const store = await embedded(trail, home, run.outside.now);
  try {
    await withLake(run, { lake, storage, trail, store });
  } finally {
    store.close();
    lake.close();
    for (const folder of [home, trail.folder]) rmSync(folder, { recursive: true, force: true });
  }
}

interface Both {
  readonly lake: Lake;
  readonly storage: Storage;
  readonly trail: CaseTrail;
  readonly store: EventStore;
}

/** The same files read by the embedded engine, facts included. */
async function embedded({ folder, mints }: CaseTrail, home: string, now: () => Date): Promise<EventStore> {
  const at = (name: string): string => path.join(home, name);
  const store = await EventStore.open({ events: at("events"), facts: at("facts.duckdb"), staging: at("staging") });
  await readTrail(store, await openSource(folder), refreshFacts, { now, worker: null });
  await recordMints(store.writer, mints);
  await recordOwnRoles(store.writer, ownRoles);
  return store;
}

async function withLake(run: Run, both: Both): Promise<void> {
  const { steps } = run;
  const { lake, storage, trail, store } = both;
  const listed = { files: [] as readonly Listed[] };
  const rest = (why: string) =>
    void steps.skip("every question on Athena", "the same rows as DuckDB's over the same files", why);
  const isThere =
    (await steps.step("case events under the run's prefix", "what the facts are made of", () =>
      putTrail(storage, trail),
    )) &&
    (await steps.step("a workgroup with a cut-off", "queries are bounded and tagged", () => lake.makeWorkgroup())) &&
    (await steps.step("a database and its tables", "Athena takes the DDL that is shipped", () =>
      lake.makeTables(trail),
    ));
  if (!isThere) return rest("there is no database");
  const areMade = await steps.step(
    "facts from raw logs",
    "CloudTrail's input format, INSERT and MERGE into Iceberg",
    async () => {
      listed.files = (await (await openSource(lake.where)).list()).files;
      return facts(run, both, listed.files);
    },
  );
  if (!areMade) return rest("there are no facts");
  await steps.step("a second run over the same files", "changes nothing, not even the watermark", async () => {
    const done = await ingestAthena(lake.asker, bucketOf(lake), listed.files, run.outside.now());
    if (done.changed || done.files > 0) throw new Failed(`It read ${done.files} files again and changed the facts.`);
    return "nothing was read, nothing written";
  });
  await steps.step(
    "upkeep of the tables",
    "Athena takes OPTIMIZE and VACUUM as they are spelled; no row is lost by them",
    () => keptUp(run, lake),
  );
  const duckdb = new Desk(new DuckdbEngine({ engine: store.engine, watermark: () => 1, bytes: () => store.bytes() }));
  const athena = new Desk(new AthenaEngine(lake.asker, run.outside.now));
  for (const name of Object.keys(questions).filter(isQuestion))
    await steps.step(`question ${name}`, questions[name].asks, () => compared(name, athena, duckdb));
  await steps.step("a file cut short", "it is named, and nothing else is lost", () => cutShort(run, both));
}

/** Before the questions: what they then answer is what the rewritten files hold. */
async function keptUp({ outside }: Run, { asker }: Lake): Promise<string> {
  const since = new Date(outside.now().getTime() - 3 * 86_400_000).toISOString().slice(0, 10);
  for (const table of upkeepTables)
    for (const sql of athenaUpkeep(table, since)) await asker.query({ sql, seconds: 300 });
  return `${upkeepTables.length} tables`;
}

/** `s3://bucket/`, put before a key as the listing gives it. */
const bucketOf = ({ where }: Lake): string => /^s3:\/\/[^/]+\//.exec(where)?.[0] ?? where;

async function facts(run: Run, { lake, trail, store }: Both, files: readonly Listed[]): Promise<string> {
  const { now } = run.outside;
  const { asker } = lake;
  await recordAthena(asker, trail.mints, ownRoles);
  const done = await ingestAthena(asker, bucketOf(lake), files, now());
  const counted = "select count(*) as n from events";
  const [there] = (await asker.query({ sql: counted, seconds: 60 })).rows;
  const [here] = await store.writer.rows(counted);
  if (Number(there?.["n"]) !== Number(here?.["n"]))
    throw new Failed(`Athena made ${there?.["n"]} events of ${done.files} files, DuckDB ${here?.["n"]}.`);
  return `${there?.["n"]} events of ${done.files} files`;
}

/** Every case of the question, whole. Rows that tie in the question's order may come either way round. */
async function compared(question: QuestionName, athena: Desk, duckdb: Desk): Promise<string> {
  const windowed = questions[question].params.some(({ name }) => name === "since");
  let rows = 0;
  let dollars = 0;
  for (const params of paramsOf(question)) {
    const request = { question, params: { ...(windowed ? { since: null } : {}), ...params }, whole: true };
    const [found, wanted] = [await athena.ask(seesAll, request), await duckdb.ask(seesAll, request)];
    const differing = differences(found.rows, wanted.rows);
    if (differing.length > 0 || found.complete_up_to !== wanted.complete_up_to)
      throw new Failed(`Athena's rows are not DuckDB's, asked with ${JSON.stringify(params)}.`, differing.slice(0, 10));
    rows += found.rows.length;
    dollars += found.dollars;
  }
  return `${rows} rows, equal, $${dollars.toFixed(5)}`;
}

function differences(found: readonly unknown[], wanted: readonly unknown[]): string[] {
  const texts = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
  const [there, here] = [texts(found), texts(wanted)];
  const only = (some: readonly string[], others: readonly string[], who: string): string[] =>
    some.filter((row) => !others.includes(row)).map((row) => `${who} alone: ${row.slice(0, 500)}`);
  const apart = [...only(there, here, "Athena"), ...only(here, there, "DuckDB")];
  return apart.length === 0 && there.length !== here.length ? [`${there.length} rows, DuckDB ${here.length}`] : apart;
}

async function cutShort(run: Run, { lake, storage, trail }: Both): Promise<string> {
  const [key = ""] = trail.keys;
  const cut = key.replace(/_[^_]+$/, "_CUTCUTCUTCUTCUTC.json.gz");
  await storage.put(`trail/${cut}`, readFileSync(path.join(trail.folder, key)).subarray(0, 300));
  const { files } = await (await openSource(lake.where)).list();
  const done = await ingestAthena(lake.asker, bucketOf(lake), files, run.outside.now());
  if (done.files !== 1 || done.unreadable !== 1)
    throw new Failed(
      `One file was cut short; ${done.files} were read and ${done.unreadable} of them called unreadable.`,
    );
  const sql = `select reason from files where file = '${cut}' and state = 'unreadable'`;
  const [named] = (await lake.asker.query({ sql, seconds: 60 })).rows;
  if (named === undefined) throw new Failed("The file is not in the ledger of files.");
  return `unreadable: ${String(named["reason"])}`;
}
