import path from "node:path";
import { newId } from "#/core/ids.ts";
import type { Part } from "./stage.ts";
import { quoted } from "./stage.ts";
import type { EventStore } from "./store.ts";

export interface Settled extends Part {
  /** Its rows are all new in this commit. */
  readonly isNew: boolean;
}

/** Parts to enter, and entered ones that they replace. */
export interface Change {
  readonly parts: readonly Settled[];
  readonly replaced: readonly string[];
}

/**
 * One event is (event_id, recipient_account); of several records the first by object key, then by place in the file,
 * wins. So the facts do not depend on which file was read first. Parts that hold a loser are written again without it.
 * Rows of earlier commits that lost are added to `gone_events`.
 */
export async function settleDuplicates(
  store: EventStore,
  before: readonly string[],
  added: readonly Part[],
): Promise<Change> {
  const { writer } = store;
  const fresh = added.map((part) => ({ ...part, isNew: true }));
  if (added.length === 0) return { parts: [], replaced: [] };
  const came = store.scan(added.map((part) => part.path));
  await writer.run(`create or replace temp table new_keys as
    select event_key(event_id, recipient_account) as key, min(day) as day, count(*) as records from ${came} group by 1`);
  await writer.run(`create or replace temp table suspects as
    select key, day from new_keys where records > 1
    union select k.key, k.day from event_keys as k semi join new_keys using (key)
    union select n.key, n.day from new_keys as n semi join event_keys using (key)`);
  if ((await countOf(store, "suspects")) === 0) {
    await writer.run("insert into event_keys select key, day from new_keys");
    return { parts: fresh, replaced: [] };
  }
  await findLosers(store, before, added);
  await writer.run(`insert into duplicates
    select event_id, recipient_account, happened_at, region, file, file_index from losers`);
  return withoutLosers(store, before, fresh);
}

async function findLosers(store: EventStore, before: readonly string[], added: readonly Part[]): Promise<void> {
  const { writer } = store;
  const rows = await writer.rows("select distinct cast(day as varchar) as day from suspects");
  const days = new Set(rows.map((row) => String(row["day"])));
  // A suspect's day is that of one of its records; another of this commit may lie on any day.
  const candidates = [...before.filter((part) => days.has(dayOf(part))), ...added.map((part) => part.path)];
  await writer.run(`create or replace temp table losers as
    select *, row_number() over (partition by event_id, coalesce(recipient_account, '') order by file, file_index) as place
    from (
      select event_id, recipient_account, happened_at, day, region, file, file_index
      from ${store.scan(candidates)}
      where event_key(event_id, recipient_account) in (select key from suspects)
    )`);
  await writer.run("delete from event_keys where key in (select key from suspects)");
  await writer.run(`insert into event_keys select key, day from new_keys where key not in (select key from suspects)
    union all select event_key(event_id, recipient_account), day from losers where place = 1`);
  await writer.run("delete from losers where place = 1");
}

/** What files that are read anew had brought goes first. */
export async function forgetChanged(store: EventStore, before: readonly string[]): Promise<Change> {
  const { writer } = store;
  if (before.length === 0) return { parts: [], replaced: [] };
  await writer.run(`create or replace temp table changed as
    select file from files where records > 0 and file in (select key from entered)`);
  if ((await countOf(store, "changed")) === 0) return { parts: [], replaced: [] };
  await writer.run(`create or replace temp table losers as
    select event_id, recipient_account, day, file, file_index from ${store.scan(before)}
    where file in (select file from changed)`);
  await writer.run(`delete from event_keys where key in (select event_key(event_id, recipient_account) from losers)`);
  await writer.run("delete from duplicates where file in (select file from changed)");
  return withoutLosers(store, before, []);
}

/** Writes each part that holds a row of `losers` again without it. */
async function withoutLosers(store: EventStore, before: readonly string[], fresh: readonly Settled[]): Promise<Change> {
  const { writer } = store;
  const days = (await writer.rows("select distinct cast(day as varchar) as day from losers")).map((row) => row["day"]);
  const old = await holders(
    store,
    before.filter((part) => days.includes(dayOf(part))),
  );
  const hit = new Set(
    await holders(
      store,
      fresh.map((part) => part.path).filter((part) => days.includes(dayOf(part))),
    ),
  );
  if (old.length > 0)
    await writer.run(`insert into gone_events select e.* from ${store.scan(old)} as e
      semi join losers as l on l.file = e.file and l.file_index = e.file_index`);
  const parts: Settled[] = fresh.filter((part) => !hit.has(part.path));
  for (const part of hit) parts.push(...(await without(store, part, true)));
  for (const part of old) parts.push(...(await without(store, part, false)));
  return { parts, replaced: old };
}

/** Which of these parts hold a row of `losers`. */
async function holders(store: EventStore, parts: readonly string[]): Promise<string[]> {
  if (parts.length === 0) return [];
  const list = parts.map((part) => quoted(path.join(store.places.events, part))).join(", ");
  const rows = await store.writer.rows(`select distinct e.filename from read_parquet([${list}], filename = true) as e
    semi join losers as l on l.file = e.file and l.file_index = e.file_index order by 1`);
  return rows.map((row) => path.relative(store.places.events, String(row["filename"])).split(path.sep).join("/"));
}

async function without(store: EventStore, part: string, isNew: boolean): Promise<Settled[]> {
  const day = dayOf(part);
  const target = `day=${day}/${newId("q")}.parquet`;
  const written = await store.writer.rows(
    `copy (select e.* exclude (day) from ${store.scan([part])} as e
       anti join losers as l on l.file = e.file and l.file_index = e.file_index)
     to ${quoted(path.join(store.places.events, target))} (format parquet, compression zstd)`,
  );
  const rows = Number(written[0]?.["Count"]);
  return rows > 0 ? [{ path: target, day, rows, isNew }] : [];
}

const dayOf = (part: string): string => part.slice("day=".length, "day=2026-11-21".length);

async function countOf(store: EventStore, table: string): Promise<number> {
  const [row] = await store.writer.rows(`select count(*) as rows from ${table}`);
  return Number(row?.["rows"]);
}
