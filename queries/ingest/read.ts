import { newId } from "#/core/ids.ts";
import { deliveryDayOf, type Listed, type Listing, type Source } from "../sources/source.ts";
import { commit, type RefreshFacts, type Touched } from "./commit.ts";
import { type Batch, Stage, type Staged } from "./stage.ts";
import type { EventStore } from "./store.ts";

export interface ReadReport {
  readonly listed: number;
  readonly read: number;
  readonly skipped: Listing["skipped"];
  readonly touched: readonly Touched[];
}

/** Reads what is new or changed in the source into the store. @throws Error when the numbers do not add up. */
export async function readTrail(
  store: EventStore,
  source: Source,
  refresh: RefreshFacts,
  options: { readonly now: () => Date; readonly days?: ReadonlySet<string> },
): Promise<ReadReport> {
  const { files, skipped } = await source.list(options.days);
  const fresh = await newOrChanged(store, files);
  if (fresh.length === 0) return { listed: files.length, read: 0, skipped, touched: [] };
  const staged = await stageAll(store, source, batchesOf(fresh));
  assertWhole(fresh, staged);
  const listed = new Map(fresh.map((file) => [file.key, file]));
  const touched = await commit(store, staged, listed, refresh, options.now());
  return { listed: files.length, read: fresh.length, skipped, touched: [touched] };
}

async function newOrChanged(store: EventStore, files: readonly Listed[]): Promise<Listed[]> {
  const known = new Map<string, string>();
  for (const row of await store.writer.rows("select file, etag from files"))
    known.set(String(row["file"]), String(row["etag"]));
  return files.filter((file) => known.get(file.key) !== file.etag);
}

/** 16 MB of JSON a batch keeps a worker near 250 MB (facts/engine.md §5); packed logs unpack some eightfold. */
const batchBytesMax = 16 * 1024 * 1024;
const batchFilesMax = 1_000;

/** By day of delivery, so that a part holds one or two days and not a slice of each. */
export function batchesOf(files: readonly Listed[]): Batch[] {
  const byDay = files
    .map((file) => ({ file, day: deliveryDayOf(file.key) ?? "" }))
    .sort((a, b) => (a.day === b.day ? 0 : a.day < b.day ? -1 : 1));
  const batches: { id: string; keys: string[] }[] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const { file } of byDay) {
    const last = batches.at(-1);
    const weight = file.bytes * (file.key.endsWith(".gz") ? 8 : 1);
    if (last === undefined || bytes + weight > batchBytesMax || last.keys.length >= batchFilesMax) {
      batches.push({ id: newId("q"), keys: [file.key] });
      bytes = weight;
    } else {
      last.keys.push(file.key);
      bytes += weight;
    }
  }
  return batches;
}

async function stageAll(store: EventStore, source: Source, batches: readonly Batch[]): Promise<Staged[]> {
  const stage = await Stage.open(source, store.places);
  try {
    const staged: Staged[] = [];
    for (const batch of batches) staged.push(await stage.batch(batch));
    return staged;
  } finally {
    stage.close();
  }
}

/** Other tools lose files in silence (facts/peers.md A.3): here a run that cannot account for each of them fails. */
function assertWhole(files: readonly Listed[], staged: readonly Staged[]): void {
  const accounted = new Set(staged.flatMap((batch) => batch.files.map((file) => file.key)));
  const lost = files.filter((file) => !accounted.has(file.key));
  const rows = staged.flatMap(({ parts }) => parts).reduce((sum, part) => sum + part.rows, 0);
  const records = staged.flatMap((batch) => batch.files).reduce((sum, file) => sum + file.records, 0);
  if (lost.length > 0)
    throw new Error(`${lost.length} listed files were neither read nor refused, first ${lost[0]?.key}`);
  if (rows !== records) throw new Error(`${records} records were read, but ${rows} were written`);
}
