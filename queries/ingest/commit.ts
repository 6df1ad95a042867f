import type { Connection } from "../engines/duckdb.ts";
import type { Listed } from "../sources/source.ts";
import { forgetChanged, type Rewritten, settleDuplicates } from "./duplicates.ts";
import type { Part, Staged } from "./stage.ts";
import type { EventStore } from "./store.ts";

/**
 * What one commit changed. Beside it stands the temporary view `touched_events` on the writer's connection: every event
 * that came, and every one that went (a duplicate that lost to a later file), with all columns of `events`.
 */
export interface Touched {
  /** Days of `events` that changed, `2026-11-21`. */
  readonly days: readonly string[];
  /** Records that came, duplicates too, and events that went. */
  readonly events: number;
  /** Nothing was there before, or all is to be made new: recompute without looking at `touched_events`. */
  readonly everything: boolean;
}

/** Brings the facts up to date, inside the commit's transaction. */
export type RefreshFacts = (connection: Connection, touched: Touched) => Promise<void>;

/** Ledger, parts and facts move together or not at all. @returns what it changed. */
export async function commit(
  store: EventStore,
  staged: readonly Staged[],
  listed: ReadonlyMap<string, Listed>,
  refresh: RefreshFacts,
  now: Date,
): Promise<Touched> {
  const added = staged.flatMap(({ parts }) => parts);
  const entering = (): Promise<Touched> =>
    store.inTransaction(() => enter(store, { staged, added, listed, now }, refresh));
  try {
    await store.limitMemory(await roomFor(store, added));
    return await entering();
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("Out of Memory Error"))) throw error;
    // More sessions or longer requests than most trails have: slower, and never less, than to have all at once.
    await store.limitMemory(null);
    return await entering();
  } finally {
    await store.limitMemory(null);
  }
}

/**
 * Facts are made no slower in half the memory, but it grows with them: 256 MB for 2,000,000 events, which with its workers
 * keeps an ingest near 1 GiB.
 */
async function roomFor(store: EventStore, added: readonly Part[]): Promise<number> {
  const [row] = await store.writer.rows("select coalesce(sum(rows), 0) as rows from parts");
  const rows = Number(row?.["rows"]) + added.reduce((sum, part) => sum + part.rows, 0);
  return Math.min(192 + Math.ceil(rows / 31_250), 512);
}

interface Entering {
  readonly staged: readonly Staged[];
  readonly added: readonly Part[];
  readonly listed: ReadonlyMap<string, Listed>;
  readonly now: Date;
}

async function enter(
  store: EventStore,
  { staged, added, listed, now }: Entering,
  refresh: RefreshFacts,
): Promise<Touched> {
  const { writer } = store;
  const before = await store.parts();
  await writer.run("create or replace temp table gone_events as select * from no_events");
  await readEntered(writer, staged, listed);
  const forgot = await forgetChanged(store, before);
  await enterParts(writer, forgot);
  await enterFiles(writer, now);
  await settleDuplicates(store, await store.parts(), added);
  await enterParts(writer, { parts: added, replaced: [] });
  await store.showEvents(await store.parts());
  const touched = await showTouched(store, added, before.length === 0);
  await refresh(writer, touched);
  store.retire(forgot.replaced);
  return touched;
}

/** A parameter of JSON is unpacked whole: ten thousand files would take tens of megabytes for good. */
export const filesAtOnce = 2_000;

async function readEntered(
  writer: Connection,
  staged: readonly Staged[],
  listed: ReadonlyMap<string, Listed>,
): Promise<void> {
  const rows = staged.flatMap(({ files }) =>
    files.map((file) => ({ ...file, bytes: listed.get(file.key)?.bytes, etag: listed.get(file.key)?.etag })),
  );
  await writer.run(`create or replace temp table entered (key varchar, bytes bigint, etag varchar, records bigint,
    rejected bigint, state varchar, reason varchar)`);
  for (let start = 0; start < rows.length; start += filesAtOnce)
    await writer.run(
      `insert into entered select unnest(from_json($rows, '[{"key": "VARCHAR", "bytes": "BIGINT", "etag": "VARCHAR",
         "records": "BIGINT", "rejected": "BIGINT", "state": "VARCHAR", "reason": "VARCHAR"}]'), recursive := true)`,
      { rows: JSON.stringify(rows.slice(start, start + filesAtOnce)) },
    );
}

/** A file that changed keeps the time it was first seen. */
async function enterFiles(writer: Connection, now: Date): Promise<void> {
  await writer.run(`create or replace temp table seen_before as
    select file, first_seen_at from files where file in (select key from entered)`);
  await writer.run("delete from files where file in (select key from entered)");
  await writer.run(
    `insert into files
     select e.key, e.bytes, e.etag, coalesce(s.first_seen_at, cast($now as timestamp)), e.records, e.rejected, e.state, e.reason
     from entered as e left join seen_before as s on s.file = e.key`,
    { now: now.toISOString().slice(0, 19).replace("T", " ") },
  );
}

async function enterParts(writer: Connection, { parts, replaced }: Rewritten): Promise<void> {
  if (replaced.length > 0)
    await writer.run("delete from parts where path in (select unnest(from_json($paths, '[\"VARCHAR\"]')))", {
      paths: JSON.stringify(replaced),
    });
  if (parts.length === 0) return;
  await writer.run(
    `insert into parts select unnest(from_json($parts, '[{"path": "VARCHAR", "day": "DATE", "rows": "BIGINT"}]'),
       recursive := true)`,
    { parts: JSON.stringify(parts.map(({ path, day, rows }) => ({ path, day, rows }))) },
  );
}

async function showTouched(store: EventStore, added: readonly Part[], isFirst: boolean): Promise<Touched> {
  const came = await store.visible(added.map((part) => part.path));
  await store.writer.run(`create or replace temp view touched_events as ${came} union all select * from gone_events`);
  const [went] = await store.writer.rows(
    "select count(*) as events, list(distinct cast(day as varchar)) as days from gone_events",
  );
  const goneDays = Array.isArray(went?.["days"]) ? went["days"].map(String) : [];
  return {
    days: [...new Set([...added.map((part) => part.day), ...goneDays])].sort(),
    events: added.reduce((sum, part) => sum + part.rows, 0) + Number(went?.["events"]),
    everything: isFirst,
  };
}
