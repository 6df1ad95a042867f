import type { Connection } from "./engines/duckdb.ts";
import { type DayTable, makeTables, mintColumns } from "./facts/tables.ts";
import { texts } from "./facts/texts.ts";
import type { Touched } from "./ingest/commit.ts";

/**
 * Brings the facts up to date with `events`. Nothing is added up: what new events touch is computed again from its
 * source, so a rerun changes nothing and any order of arrival ends in the same facts.
 *
 * events ─ by day ─► records, uses, activity, covered · records ─ by issuance ─► openings
 * openings × uses ─ by component of shared keys and principals ─► links ─► callers, opened ─► lineage ─► sessions
 */
export async function refreshFacts(connection: Connection, touched: Touched): Promise<void> {
  await makeTables(connection);
  await begin(connection);
  if (touched.everything) await clear(connection);
  const days = touched.everything ? await daysOfEvents(connection) : touched.days;
  await readRecords(connection, days);
  await openIssuances(connection);
  await readUses(connection, [...new Set([...days, ...(await daysOfChangedKeys(connection))])]);
  await link(connection, days, touched.everything);
  await readDays(connection, "covered", days);
}

/** Mints of the ledger, as functions hand them over. Entered again, a mint replaces its earlier self. */
export async function recordMints(connection: Connection, mints: readonly MintFact[]): Promise<void> {
  await makeTables(connection);
  if (mints.length === 0) return;
  await begin(connection);
  const names = mintColumns.map(([name]) => `"${name}": "VARCHAR"`).join(", ");
  const casts = mintColumns.map(([name, type]) => `cast(m.${name} as ${type})`).join(", ");
  const rows = JSON.stringify(mints);
  await connection.run("create or replace temp table arriving_mints as from minted limit 0");
  await connection.run(
    `insert into arriving_mints select ${casts} from (select unnest(from_json($rows, '[{${names}}]')) as m)`,
    { rows },
  );
  await connection.run("delete from minted where mint_id in (select mint_id from arriving_mints)");
  await connection.run("insert into minted from arriving_mints");
  await link(connection, [], false);
}

/** One row of `mints` but for what the trail tells. Times are ISO; `session_name` where the broker knows it. */
export interface MintFact {
  readonly mint_id: string;
  readonly person_id: string;
  readonly account: string;
  readonly role: string;
  readonly road: string;
  readonly outcome: "handed-over" | "refused" | "withheld" | "failed" | "unknown";
  readonly intended_at: string;
  readonly issued_at: string | null;
  readonly expires_at: string | null;
  readonly access_key_id: string | null;
  readonly session_name: string | null;
  readonly reason: string | null;
}

/** What this refresh touches, growing step by step. Temporary: another connection's refresh has its own. */
async function begin(connection: Connection): Promise<void> {
  await connection.run(`
    create or replace temp table touched_issuances (issuance_id varchar);
    create or replace temp table touched_identities (identity varchar);
    create or replace temp table touched_keys (access_key_id varchar);
    create or replace temp table touched_sessions (session_id varchar);
    create or replace temp table changed_identities (identity varchar);`);
}

async function clear(connection: Connection): Promise<void> {
  for (const table of ["records", "openings", "uses", "links", "callers", "matches", "opened", "lineage"])
    await connection.run(`delete from ${table}`);
  for (const table of ["sessions", "issuances", "activity", "covered"]) await connection.run(`delete from ${table}`);
}

async function daysOfEvents(connection: Connection): Promise<string[]> {
  const rows = await connection.rows("select distinct cast(day as varchar) as day from events order by 1");
  return rows.map((row) => String(row["day"]));
}

/** Days a statement reads at once: enough rows to be worth it, few enough for a bounded memory. */
const rowsAtOnce = 400_000;

async function chunks(connection: Connection, days: readonly string[]): Promise<string[][]> {
  if (days.length === 0) return [];
  const counted = await connection.rows(
    `select cast(day as varchar) as day, count(*) as rows from events where day in (${dates(days)}) group by day`,
  );
  const sizes = new Map(counted.map((row) => [String(row["day"]), Number(row["rows"])]));
  const found: string[][] = [];
  let rows = Number.POSITIVE_INFINITY;
  for (const day of [...days].sort()) {
    const last = found.at(-1);
    rows += sizes.get(day) ?? 0;
    if (last === undefined || rows > rowsAtOnce) {
      found.push([day]);
      rows = sizes.get(day) ?? 0;
    } else last.push(day);
  }
  return found;
}

const dates = (days: readonly string[]): string => days.map((day) => `date '${day}'`).join(", ");

/** Rows of these days anew. The view's days are literals, so that the other days' parts are not even opened. */
async function readDays(connection: Connection, table: DayTable, days: readonly string[]): Promise<void> {
  const of = table === "activity" || table === "covered" ? "cast(hour as date)" : "day";
  for (const some of await chunks(connection, days)) {
    await connection.run(
      `create or replace temp view day_events as select * from events where day in (${dates(some)})`,
    );
    await connection.run(`delete from ${table} where ${of} in (${dates(some)})`);
    await connection.run(`insert into ${table} ${texts[table]}`);
  }
}

async function readRecords(connection: Connection, days: readonly string[]): Promise<void> {
  if (days.length === 0) return;
  const touch = `insert into touched_issuances select issuance_id from records where day in (${dates(days)})`;
  await connection.run(touch);
  await readDays(connection, "records", days);
  await connection.run(touch);
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

async function readUses(connection: Connection, days: readonly string[]): Promise<void> {
  if (days.length === 0) return;
  const touch = `insert into touched_identities select identity from uses where day in (${dates(days)})`;
  await connection.run(touch);
  await readDays(connection, "uses", days);
  await connection.run(touch);
}

/** From what is touched to sessions: links, callers, matches, lineage. */
async function link(connection: Connection, days: readonly string[], everything: boolean): Promise<void> {
  await gatherComponent(connection, everything);
  await connection.run(linking);
  const changed = await connection.rows(
    "select distinct cast(day as varchar) as day from uses where identity in (select identity from changed_identities)",
  );
  await readDays(connection, "activity", [...new Set([...days, ...changed.map((row) => String(row["day"]))])]);
  await connection.run(calling);
  await connection.run(opening);
  await follow(connection);
}

/** Every identity and issuance that a key, or a principal and second, ties to what is touched. */
async function gatherComponent(connection: Connection, everything: boolean): Promise<void> {
  await connection.run(`
    create or replace temp table component_identities as select distinct identity from touched_identities;
    create or replace temp table component_issuances as
      select issuance_id from openings where issuance_id in (select issuance_id from touched_issuances);
    create or replace temp view component_uses as
      select * from uses where identity in (select identity from component_identities);
    create or replace temp view component_openings as
      select * from openings where issuance_id in (select issuance_id from component_issuances);`);
  if (everything) return;
  // An issuance that went, or lost its key, still ties by the key it had.
  await connection.run(`insert into component_identities
    select distinct identity from uses where access_key_id in (select access_key_id from touched_keys)
      and identity not in (select identity from component_identities)`);
  for (let size = -1; ; ) {
    await connection.run(tying);
    const [{ now } = { now: 0 }] = await connection.rows(
      "select (select count(*) from component_identities) + (select count(*) from component_issuances) as now",
    );
    if (Number(now) === size) return;
    size = Number(now);
  }
}

const tying = `
  create or replace temp table component_issuances as
    select issuance_id from component_issuances
    union select issuance_id from openings where outcome = 'ok' and access_key_id in (select access_key_id from component_uses)
    union select o.issuance_id from openings o join component_uses u
      on o.principal_id = u.principal_id and o.happened_at = u.session_created_at
    union select o.issuance_id from openings o join component_uses u
      on o.likely_arn = u.principal_arn and o.happened_at = u.session_created_at;
  create or replace temp table component_identities as
    select identity from component_identities
    union select identity from uses where access_key_id in (select access_key_id from component_openings where outcome = 'ok')
    union select u.identity from uses u join component_openings o
      on o.principal_id = u.principal_id and o.happened_at = u.session_created_at
    union select u.identity from uses u join component_openings o
      on o.likely_arn = u.principal_arn and o.happened_at = u.session_created_at;`;

const linking = `
  create or replace temp table links_before as from links where identity in (select identity from component_identities);
  delete from links where identity in (select identity from component_identities);
  insert into links ${texts.links};
  create or replace temp table links_after as from links where identity in (select identity from component_identities);
  insert into changed_identities
    select identity from (select identity, session_id, joined_by from links_before except select identity, session_id, joined_by from links_after)
    union
    select identity from (select identity, session_id, joined_by from links_after except select identity, session_id, joined_by from links_before);
  insert into touched_sessions
    select session_id from links_before union select session_id from links_after
    union select session_id from component_openings;`;

// Calls that issue or refuse a session, of sessions that may be others now.
const calling = `
  create or replace temp table touched_calls as
    select issuance_id from touched_issuances
    union select issuance_id from component_issuances
    union select issuance_id from openings where parent_key_id in (select access_key_id from component_uses)
    union select o.issuance_id from openings o join component_uses u
      on coalesce(o.caller_principal_id, o.caller_principal_arn) = coalesce(u.principal_id, u.principal_arn)
      and o.caller_created_at = u.session_created_at;
  create or replace temp view touched_openings as
    select * from openings where issuance_id in (select issuance_id from touched_calls);
  delete from callers where issuance_id in (select issuance_id from touched_calls);
  insert into callers ${texts.callers};
  delete from issuances where issuance_id in (select issuance_id from touched_calls);
  insert into issuances ${texts.issuances};
  insert into touched_sessions select session_id from touched_openings;
  create or replace temp table matches_before as from matches;
  delete from matches;
  insert into matches ${texts.matches};
  create or replace temp table matches_changed as
    select session_id from (from matches_before except from matches)
    union select session_id from (from matches except from matches_before)
    -- Who a mint is of may have changed with it.
    union select session_id from matches where mint_id in (select mint_id from arriving_mints);
  insert into touched_sessions
    select session_id from matches_changed
    union select c.caller_session_id from callers c join openings o on o.issuance_id = c.issuance_id
      where o.session_id in (select session_id from matches_changed);`;

const opening = `
  create or replace temp table touched_sessions as select distinct session_id from touched_sessions where session_id is not null;
  create or replace temp view touched_openings as
    select * from openings where session_id in (select session_id from touched_sessions);
  create or replace temp view touched_links as
    select * from links where session_id in (select session_id from touched_sessions);
  delete from opened where session_id in (select session_id from touched_sessions);
  insert into opened ${texts.opened};`;

/** The lineage of what is touched and of all that came from it, one generation a run, until nothing is added. */
async function follow(connection: Connection): Promise<void> {
  for (let size = -1; ; ) {
    const now = await count(connection, "touched_sessions");
    if (now === size) break;
    size = now;
    await connection.run(`create or replace temp table touched_sessions as
      select session_id from touched_sessions
      union select session_id from opened where parent_session_id in (select session_id from touched_sessions)`);
  }
  await connection.run(`
    delete from lineage where session_id in (select session_id from touched_sessions);
    create or replace temp view touched_opened as
      select * from opened where session_id in (select session_id from touched_sessions);`);
  for (let size = -1; ; ) {
    const now = await count(connection, "lineage");
    if (now === size) break;
    size = now;
    await connection.run(`insert into lineage ${texts.lineage}`);
  }
  await connection.run(`
    delete from sessions where session_id in (select session_id from touched_sessions);
    insert into sessions ${texts.sessions};`);
}

async function count(connection: Connection, table: string): Promise<number> {
  const [{ rows } = { rows: 0 }] = await connection.rows(`select count(*) as rows from ${table}`);
  return Number(rows);
}
