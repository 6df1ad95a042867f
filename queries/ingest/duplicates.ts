import path from "node:path";
import { newId } from "#/core/ids.ts";
import type { Part } from "./stage.ts";
import { quoted } from "./stage.ts";
import type { EventStore } from "./store.ts";

/**
 * One event is (event_id, recipient_account); of several records the first by object key, then by place in the file,
 * wins. So the facts do not depend on which file was read first. Parts that hold a loser are written again without it.
 *
 * Fills `gone_events` (temporary): rows of earlier commits that lost. @returns parts to enter and parts replaced.
 */
export async function settleDuplicates(
  store: EventStore,
  before: readonly string[],
  added: readonly Part[],
): Promise<{ parts: Settled[]; replaced: string[] }> {
  const { writer } = store;
  await writer.run("create or replace temp table gone_events as select * from no_events");
  if (added.length === 0) return { parts: [], replaced: [] };
  const came = store.scan(added.map((part) => part.path));
  await writer.run(`create or replace temp table new_keys as
    select event_key(event_id, recipient_account) as key, min(day) as day, count(*) as records from ${came} group by 1`);
  await writer.run(`create or replace temp table suspects as
    select key, day from new_keys where records > 1
    union select k.key, k.day from event_keys as k semi join new_keys using (key)
    union select n.key, n.day from new_keys as n semi join event_keys using (key)`);
  const [{ suspects } = { suspects: 0 }] = await writer.rows("select count(*) as suspects from suspects");
  if (Number(suspects) === 0) {
    await writer.run("insert into event_keys select key, day from new_keys");
    return { parts: added.map((part) => ({ ...part, isNew: true })), replaced: [] };
  }
  return rewriteLosers(store, before, added);
}

export interface Settled extends Part {
  /** Its rows are all new in this commit. */
  readonly isNew: boolean;
}

async function rewriteLosers(
  store: EventStore,
  before: readonly string[],
  added: readonly Part[],
): Promise<{ parts: Settled[]; replaced: string[] }> {
  const { writer } = store;
  const days = new Set(
    (await writer.rows("select distinct cast(day as varchar) as day from suspects")).map((row) => String(row["day"])),
  );
  const fresh = new Set(added.map((part) => part.path));
  // The day of a suspect is that of one of its records; the others of this commit may lie on any day.
  const candidates = [...before.filter((part) => days.has(dayOf(part))), ...fresh];
  const list = candidates.map((part) => quoted(path.join(store.places.events, part))).join(", ");
  await writer.run(`create or replace temp table losers as
    select *, row_number() over (partition by event_id, coalesce(recipient_account, '') order by file, file_index) as place
    from (
      select event_id, recipient_account, happened_at, day, region, file, file_index, filename
      from read_parquet([${list}], hive_partitioning = true, hive_types = {'day': date}, filename = true)
      where event_key(event_id, recipient_account) in (select key from suspects)
    )`);
  await writer.run("delete from event_keys where key in (select key from suspects)");
  await writer.run(`insert into event_keys select key, day from new_keys where key not in (select key from suspects)
    union all select event_key(event_id, recipient_account), day from losers where place = 1`);
  await writer.run("delete from losers where place = 1");
  await writer.run(`insert into duplicates
    select event_id, recipient_account, happened_at, region, file, file_index from losers`);
  const hit = (await writer.rows("select distinct filename from losers order by 1")).map((row) =>
    path.relative(store.places.events, String(row["filename"])).split(path.sep).join("/"),
  );
  const outdated = hit.filter((part) => !fresh.has(part));
  if (outdated.length > 0)
    await writer.run(`create or replace temp table gone_events as
      select e.* from ${store.scan(outdated)} as e semi join losers as l on l.file = e.file and l.file_index = e.file_index`);
  const parts: Settled[] = added.filter((part) => !hit.includes(part.path)).map((part) => ({ ...part, isNew: true }));
  for (const part of hit) parts.push(...(await without(store, part, fresh.has(part))));
  store.discard(hit.filter((part) => fresh.has(part)));
  return { parts, replaced: outdated };
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
