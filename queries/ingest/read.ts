import { newId } from "#/core/ids.ts";
import { deliveryDayOf, type Listed, type Listing, type Source } from "../sources/source.ts";
import { commit, filesAtOnce, type RefreshFacts, type Touched } from "./commit.ts";
import { builtWorker, stageInWorker } from "./pool.ts";
import { type Batch, openStageEngine, Stage, type Staged } from "./stage.ts";
import type { EventStore } from "./store.ts";

export interface ReadReport {
  readonly listed: number;
  readonly read: number;
  readonly skipped: Listing["skipped"];
  readonly touched: readonly Touched[];
  /** Hand it in as `done` next time. */
  readonly listing: Listing;
}

export interface ReadOptions {
  readonly now: () => Date;
  /** Only these days of delivery (`2026/11/21`). */
  readonly days?: ReadonlySet<string>;
  /** The listing that was read last: the same again means nothing changed. */
  readonly done?: Listing;
  /** The ingest worker's bundle; null reads everything in this process. */
  readonly worker?: string | null;
  readonly lanes?: number;
  /** Enter what is read so far each time the events doubled, from this many on, so that charts fill early. */
  readonly commitAt?: number;
  /** Called after each commit: the facts have changed. */
  readonly committed?: () => void;
  readonly progress?: (progress: { readonly files: number; readonly of: number; readonly records: number }) => void;
}

/** Reads what is new or changed in the source into the store. @throws Error when the numbers do not add up. */
export async function readTrail(
  store: EventStore,
  source: Source,
  refresh: RefreshFacts,
  options: ReadOptions,
): Promise<ReadReport> {
  const listing = await source.list(options.days);
  const { files, skipped } = listing;
  const nothing = { listed: files.length, read: 0, skipped, touched: [], listing };
  if (listing === options.done) return nothing;
  const fresh = await withCompanions(store, files, await newOrChanged(store, files));
  if (fresh.length === 0) return nothing;
  const listed = new Map(fresh.map((file) => [file.key, file]));
  const touched: Touched[] = [];
  let waiting: Staged[] = [];
  let [filesDone, records, committed] = [0, 0, 0];
  for await (const staged of stageAll(store, source, fresh, options)) {
    waiting.push(staged);
    filesDone += staged.files.length;
    records += recordsIn([staged]);
    options.progress?.({ files: filesDone, of: fresh.length, records });
    if (records - committed < Math.max(options.commitAt ?? Number.POSITIVE_INFINITY, committed)) continue;
    committed = records;
    assertEven(waiting);
    touched.push(await commit(store, waiting, listed, refresh, options.now()));
    options.committed?.();
    waiting = [];
  }
  if (filesDone !== fresh.length)
    throw new Error(`${fresh.length} files were to be read, ${filesDone} were read or refused`);
  assertEven(waiting);
  if (waiting.length > 0) touched.push(await commit(store, waiting, listed, refresh, options.now()));
  options.committed?.();
  return { listed: files.length, read: fresh.length, skipped, touched, listing };
}

const recordsIn = (staged: readonly Staged[]): number =>
  staged.flatMap(({ files }) => files).reduce((sum, file) => sum + file.records, 0);

/** Other tools lose records in silence (facts/peers.md A.3): what was counted and what was written must agree. */
function assertEven(staged: readonly Staged[]): void {
  const rows = staged.flatMap(({ parts }) => parts).reduce((sum, part) => sum + part.rows, 0);
  if (rows !== recordsIn(staged)) throw new Error(`${recordsIn(staged)} records were read, but ${rows} were written`);
}

/** Asks the ledger about what is listed, never the other way round: a trail may have millions of files behind it. */
async function newOrChanged(store: EventStore, files: readonly Listed[]): Promise<Listed[]> {
  const fresh: Listed[] = [];
  for (let start = 0; start < files.length; start += filesAtOnce) {
    const some = files.slice(start, start + filesAtOnce);
    const rows = await store.writer.rows(
      `select l.place from (select unnest(from_json($listed, '[{"place": "INTEGER", "key": "VARCHAR", "etag": "VARCHAR"}]'),
         recursive := true)) as l anti join files as f on f.file = l.key and f.etag = l.etag order by 1`,
      { listed: JSON.stringify(some.map(({ key, etag }, place) => ({ place, key, etag }))) },
    );
    for (const row of rows) fresh.push(...some.slice(Number(row["place"]), Number(row["place"]) + 1));
  }
  return fresh;
}

/**
 * A file that changed is read anew. Records elsewhere that had lost to its records may win now, so the files that hold
 * them are read anew too.
 */
async function withCompanions(
  store: EventStore,
  files: readonly Listed[],
  fresh: readonly Listed[],
): Promise<readonly Listed[]> {
  const chosen = new Set(fresh.map((file) => file.key));
  for (let size = -1; size !== chosen.size && chosen.size > 0; ) {
    size = chosen.size;
    for (const key of await companionsOf(store, [...chosen])) chosen.add(key);
  }
  return chosen.size === fresh.length ? fresh : files.filter((file) => chosen.has(file.key));
}

async function companionsOf(store: EventStore, keys: readonly string[]): Promise<string[]> {
  await store.writer.run(
    `create or replace temp table changed as
    select file from files where records > 0 and file in (select unnest(from_json($keys, '["VARCHAR"]')))`,
    {
      keys: JSON.stringify(keys),
    },
  );
  const [{ changed } = { changed: 0 }] = await store.writer.rows("select count(*) as changed from changed");
  if (Number(changed) === 0) return [];
  const rows = await store.writer.rows(`select distinct d.file from duplicates as d
    semi join (select event_id, recipient_account from events where file in (select file from changed)) as e
      on e.event_id = d.event_id and e.recipient_account is not distinct from d.recipient_account`);
  return rows.map((row) => String(row["file"]));
}

/** Each batch's statements are planned anew, some 60 ms: few batches, yet four for each of two workers if need be. */
const batchBytes = { min: 16 * 1024 * 1024, max: 64 * 1024 * 1024, share: 8 } as const;
const batchFilesMax = 4_000;

/** Bytes of JSON, near enough. */
const weightOf = (file: Listed): number => file.bytes * (file.key.endsWith(".gz") ? 8 : 1);

/** By day of delivery, so that a part holds one or two days and not a slice of each. */
export function batchesOf(files: readonly Listed[]): Batch[] {
  const byDay = files
    .map((file) => ({ file, day: deliveryDayOf(file.key) ?? "" }))
    .sort((a, b) => (a.day === b.day ? 0 : a.day < b.day ? -1 : 1));
  const batches: { id: string; keys: string[] }[] = [];
  const all = files.reduce((sum, file) => sum + weightOf(file), 0);
  const bytesMax = Math.min(Math.max(all / batchBytes.share, batchBytes.min), batchBytes.max);
  let bytes = Number.POSITIVE_INFINITY;
  for (const { file } of byDay) {
    const last = batches.at(-1);
    const weight = weightOf(file);
    if (last === undefined || bytes + weight > bytesMax || last.keys.length >= batchFilesMax) {
      batches.push({ id: newId("q"), keys: [file.key] });
      bytes = weight;
    } else {
      last.keys.push(file.key);
      bytes += weight;
    }
  }
  return batches;
}

/** Below this much JSON a process of its own takes longer to start than to read it here. */
const hereBytesMax = 48 * 1024 * 1024;
const hereFilesMax = 1_000;

async function* stageAll(
  store: EventStore,
  source: Source,
  files: readonly Listed[],
  { worker = builtWorker(), lanes }: ReadOptions,
): AsyncGenerator<Staged> {
  const batches = batchesOf(files);
  const isSmall = files.length <= hereFilesMax && files.reduce((sum, file) => sum + weightOf(file), 0) < hereBytesMax;
  if (worker !== null && !isSmall) {
    const pool = {
      where: source.where,
      ...store.places,
      worker,
      ...(lanes === undefined ? {} : { lanes }),
    };
    yield* stageInWorker(pool, batches);
    return;
  }
  const engine = await openStageEngine(store.places, 1);
  try {
    const stage = await Stage.open({ source, folders: store.places, engine });
    for (const batch of batches) yield await stage.batch(batch);
  } finally {
    engine.close();
  }
}
