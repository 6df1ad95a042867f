import path from "node:path";
import { newId } from "#/core/ids.ts";
import { type Part, quoted } from "./stage.ts";
import type { EventStore } from "./store.ts";

/**
 * One event is (event_id, recipient_account); of several records the first by object key, then by place in the file,
 * wins. So the facts do not depend on which file was read first. Losers are hidden at once and leave their part when
 * the day is written again (EventStore.compact). Rows of earlier commits that lost are added to `gone_events`.
 */
export async function settleDuplicates(
  store: EventStore,
  before: readonly string[],
  added: readonly Part[],
): Promise<void> {
  const { writer } = store;
  if (added.length === 0) return;
  const came = store.scan(added.map((part) => part.path));
  await writer.run(`create or replace temp table new_keys as
    select event_key(event_id, recipient_account) as key, min(day) as day, count(*) > 1 as is_repeated from ${came} group by 1`);
  await writer.run(`create or replace temp table suspects as
    select key, day from new_keys where is_repeated
    union select k.key, k.day from event_keys as k semi join new_keys using (key)
    union select n.key, n.day from new_keys as n semi join event_keys using (key)`);
  if ((await countOf(store, "suspects")) === 0) {
    await writer.run("insert into event_keys select key, day from new_keys; drop table new_keys; drop table suspects");
    return;
  }
  const old = await findLosers(store, before, added);
  if (old.length > 0)
    await writer.run(`insert into gone_events select e.* from (${await store.visible(old)}) as e
      semi join losers as l on l.file = e.file and l.file_index = e.file_index`);
  await writer.run(`
    insert into duplicates select event_id, recipient_account, happened_at, region, file, file_index from losers;
    insert into hidden select file, file_index, day from losers;
    drop table new_keys; drop table suspects; drop table losers;`);
}

/** Fills `losers`. @returns earlier parts that may hold some. */
async function findLosers(store: EventStore, before: readonly string[], added: readonly Part[]): Promise<string[]> {
  const { writer } = store;
  const rows = await writer.rows("select distinct cast(day as varchar) as day from suspects");
  const days = new Set(rows.map((row) => String(row["day"])));
  // A suspect's day is that of one of its records; another of this commit may lie on any day.
  const old = before.filter((part) => days.has(dayOf(part)));
  const candidates = await store.visible([...old, ...added.map((part) => part.path)]);
  await writer.run(`create or replace temp table losers as
    select *, row_number() over (partition by event_id, coalesce(recipient_account, '') order by file, file_index) as place
    from (
      select event_id, recipient_account, happened_at, day, region, file, file_index
      from (${candidates})
      where event_key(event_id, recipient_account) in (select key from suspects)
    )`);
  await writer.run("delete from event_keys where key in (select key from suspects)");
  await writer.run(`insert into event_keys select key, day from new_keys where key not in (select key from suspects)
    union all select event_key(event_id, recipient_account), day from losers where place = 1`);
  await writer.run("delete from losers where place = 1");
  return old;
}

/** Parts written again, and those they replace. */
export interface Rewritten {
  readonly parts: readonly Part[];
  readonly replaced: readonly string[];
}

/** What files that are read anew had brought goes first, and out of its parts: the same places come back. */
export async function forgetChanged(store: EventStore, before: readonly string[]): Promise<Rewritten> {
  const { writer } = store;
  if (before.length === 0) return { parts: [], replaced: [] };
  await writer.run(`create or replace temp table changed as
    select file from files where records > 0 and file in (select key from entered)`);
  if ((await countOf(store, "changed")) === 0) return { parts: [], replaced: [] };
  await writer.run(`insert into gone_events select * from (${await store.visible(before)})
    where file in (select file from changed)`);
  await writer.run(`
    delete from event_keys where key in (select event_key(event_id, recipient_account) from gone_events);
    delete from duplicates where file in (select file from changed);
    delete from hidden where file in (select file from changed);`);
  const replaced = await holders(store, before);
  const parts: Part[] = [];
  for (const part of replaced) parts.push(...(await withoutChanged(store, part)));
  return { parts, replaced };
}

/** Which of these parts hold a record of a changed file. */
async function holders(store: EventStore, parts: readonly string[]): Promise<string[]> {
  const list = parts.map((part) => quoted(path.join(store.places.events, part))).join(", ");
  const rows = await store.writer.rows(`select distinct filename from read_parquet([${list}], filename = true)
    where file in (select file from changed) order by 1`);
  return rows.map((row) => path.relative(store.places.events, String(row["filename"])).split(path.sep).join("/"));
}

async function withoutChanged(store: EventStore, part: string): Promise<Part[]> {
  const day = dayOf(part);
  const target = `day=${day}/${newId("q")}.parquet`;
  const [written] = await store.writer.rows(
    `copy (select * exclude (day) from ${store.scan([part])} where file not in (select file from changed))
     to ${quoted(path.join(store.places.events, target))} (format parquet, compression zstd)`,
  );
  const rows = Number(written?.["Count"]);
  if (rows > 0) return [{ path: target, day, rows }];
  store.discard([target]);
  return [];
}

const dayOf = (part: string): string => part.slice("day=".length, "day=2026-11-21".length);

async function countOf(store: EventStore, table: string): Promise<number> {
  const [row] = await store.writer.rows(`select count(*) as rows from ${table}`);
  return Number(row?.["rows"]);
}
