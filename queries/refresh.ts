import type { Connection } from "./engines/duckdb.ts";
import { begin, count, link, linkEverything } from "./facts/link.ts";
import { dates, readDays } from "./facts/read-days.ts";
import { computedFacts, makeTables, openScopes } from "./facts/tables.ts";
import { texts } from "./facts/texts.ts";
import type { Touched } from "./ingest/commit.ts";

/**
 * Brings the facts up to date with `events`. Nothing is added up: what new events touch is computed again from its
 * source, so a rerun changes nothing and any order of arrival ends in the same facts.
 *
 * events ─ by day ─► records, uses, covered, edits · records ─ by issuance ─► openings
 * openings × uses ─ by component of shared keys and principals ─► links ─► callers, opened ─► lineage ─► sessions
 */
export async function refreshFacts(connection: Connection, touched: Touched): Promise<void> {
  await makeTables(connection);
  if (touched.everything) await makeEverything(connection);
  else await bringUpToDate(connection, touched.days);
}

/** Every fact from nothing, without a look at what stood there. Much is made and freed: a peak, if nobody gave it back. */
async function makeEverything(connection: Connection): Promise<void> {
  await clear(connection);
  const days = await daysOfEvents(connection);
  await connection.giveBack();
  await readDays(connection, "records", days);
  await connection.giveBack();
  await openScopes(connection);
  await connection.run(`insert into openings ${texts.openings}`);
  await connection.giveBack();
  await readDays(connection, "uses", days);
  await connection.giveBack();
  await linkEverything(connection);
  await readDays(connection, "covered", days);
  await readDays(connection, "edits", days);
}

async function bringUpToDate(connection: Connection, days: readonly string[]): Promise<void> {
  await begin(connection);
  await readChanged(connection, "records", days);
  if ((await count(connection, "touched_issuances")) > 0) await openIssuances(connection);
  const wider = [...new Set([...days, ...(await daysOfChangedKeys(connection))])];
  await readChanged(connection, "uses", wider);
  await link(connection);
  await readDays(connection, "covered", days);
  await readDays(connection, "edits", days);
}

async function clear(connection: Connection): Promise<void> {
  for (const table of computedFacts) await connection.run(`delete from ${table}`);
}

async function daysOfEvents(connection: Connection): Promise<string[]> {
  const rows = await connection.rows("select distinct cast(day as varchar) as day from parts order by 1");
  return rows.map((row) => String(row["day"]));
}

const touching = {
  records: "insert into touched_issuances select distinct issuance_id from",
  uses: "insert into touched_identities select distinct identity from",
} as const;

/** Rows of these days anew; what of them came, went or changed is touched. The rest of the work is as large as that. */
async function readChanged(
  connection: Connection,
  table: keyof typeof touching,
  days: readonly string[],
): Promise<void> {
  if (days.length === 0) return;
  const ofDays = `from ${table} where day in (${dates(days)})`;
  await connection.run(`create or replace temp table rows_before as ${ofDays}`);
  await readDays(connection, table, days);
  await connection.run(`
    create or replace temp table rows_after as ${ofDays};
    create or replace temp view rows_changed as
      (from rows_before except from rows_after) union all (from rows_after except from rows_before);
    ${touching[table]} rows_changed;`);
}

async function openIssuances(connection: Connection): Promise<void> {
  // A session's id depends on who shares its principal and second, or its key: those are computed along.
  const beside = `(
    select issuance_id from records
    where session_principal_id in (
        select session_principal_id from records where issuance_id in (select issuance_id from touched_issuances))
      or access_key_id in (select access_key_id from records where issuance_id in (select issuance_id from touched_issuances)))`;
  const before = `select session_id, access_key_id from openings where issuance_id in (select issuance_id from touched_issuances)`;
  await connection.run(`
    create or replace temp table touched_issuances as select distinct issuance_id from touched_issuances;
    create or replace temp table touched_issuances as
      select issuance_id from touched_issuances union select issuance_id from ${beside};
    create or replace temp table read_issuances as
      select issuance_id from touched_issuances union select issuance_id from ${beside};
    create or replace temp view component_records as
      select * from records where issuance_id in (select issuance_id from read_issuances);
    create or replace temp table keys_before as select distinct access_key_id from openings
      where outcome = 'ok' and issuance_id in (select issuance_id from touched_issuances);
    insert into touched_sessions select session_id from openings where issuance_id in (select issuance_id from touched_issuances);
    insert into touched_keys select access_key_id from (${before});
    delete from openings where issuance_id in (select issuance_id from touched_issuances);
    insert into openings select * from (${texts.openings}) where issuance_id in (select issuance_id from touched_issuances);
    insert into touched_sessions select session_id from openings where issuance_id in (select issuance_id from touched_issuances);
    insert into touched_keys select access_key_id from (${before});`);
}

/** Calls without a creationDate are told apart by second once their key is known to be issued: those days change. */
async function daysOfChangedKeys(connection: Connection): Promise<string[]> {
  const rows = await connection.rows(`
    select distinct cast(day as varchar) as day from uses
    where session_created_at is null
      and access_key_id in (select access_key_id from touched_keys)
      and (only_at is null) = (access_key_id in (select access_key_id from issued_keys))`);
  return rows.map((row) => String(row["day"]));
}
