import type { Connection } from "../engines/duckdb.ts";
import { openScopes } from "./tables.ts";
import { type FactName, texts } from "./texts.ts";

/** What this refresh touches, growing step by step. Temporary: another connection's refresh has its own. */
export async function begin(connection: Connection): Promise<void> {
  await connection.run(`
    create or replace temp table touched_issuances (issuance_id varchar);
    create or replace temp table touched_identities (identity varchar);
    create or replace temp table touched_keys (access_key_id varchar);
    create or replace temp table touched_sessions (session_id varchar);`);
}

/** In order of time, so that what a page shows lies together: the engine skips the rest. */
const orders = { sessions: "opened_at", issuances: "happened_at", links: "first_call_at" };

function inserting(table: FactName): string {
  const order = Object.entries(orders).find(([name]) => name === table)?.[1];
  return order === undefined
    ? `insert into ${table} ${texts[table]}`
    : `insert into ${table} select * from (${texts[table]}) order by ${order}`;
}

/** All of it, over empty tables: nothing is looked up, and nothing is kept of what was before. */
export async function linkEverything(connection: Connection): Promise<void> {
  await openScopes(connection);
  for (const table of ["links", "callers", "issuances", "matches", "opened"] as const) {
    await connection.run(inserting(table));
    await connection.giveBack();
  }
  await followLineage(connection);
  await connection.run(inserting("sessions"));
}

/** From what is touched to sessions: links, callers, matches, lineage. */
export async function link(connection: Connection): Promise<void> {
  if (await isNothingTouched(connection)) return;
  await gatherComponent(connection);
  await connection.run(linking);
  await connection.run(calling);
  await connection.run(opening);
  await follow(connection);
}

async function isNothingTouched(connection: Connection): Promise<boolean> {
  const touched = ["touched_issuances", "touched_identities", "touched_sessions", "arriving_mints"];
  const [row] = await connection.rows(
    `select ${touched.map((table) => `(select count(*) from ${table})`).join(" + ")} as touched`,
  );
  return Number(row?.["touched"]) === 0;
}

/** Every identity and issuance that a key, or a principal and second, ties to what is touched. */
async function gatherComponent(connection: Connection): Promise<void> {
  await connection.run(`
    create or replace temp table component_identities as select distinct identity from touched_identities;
    create or replace temp table component_issuances as
      select issuance_id from openings where issuance_id in (select issuance_id from touched_issuances);
    create or replace temp view component_uses as
      select * from uses where identity in (select identity from component_identities);
    create or replace temp view component_openings as
      select * from openings where issuance_id in (select issuance_id from component_issuances);`);
  // An issuance that went, or is another now, still ties by the key it had and by the calls it was joined to.
  await connection.run(`create or replace temp table component_identities as
    select identity from component_identities
    union select identity from uses where access_key_id in (select access_key_id from touched_keys)
    union select identity from links where session_id in (select session_id from touched_sessions)`);
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
  ${inserting("links")};
  insert into touched_sessions
    select session_id from links_before
    union select session_id from links where identity in (select identity from component_identities)
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
  ${inserting("issuances")};
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
  await followLineage(connection);
  await connection.run(`
    delete from sessions where session_id in (select session_id from touched_sessions);
    ${inserting("sessions")};`);
}

async function followLineage(connection: Connection): Promise<void> {
  for (let size = -1; ; ) {
    const now = await count(connection, "lineage");
    if (now === size) return;
    size = now;
    await connection.run(`insert into lineage ${texts.lineage}`);
  }
}

export async function count(connection: Connection, table: string): Promise<number> {
  const [{ rows } = { rows: 0 }] = await connection.rows(`select count(*) as rows from ${table}`);
  return Number(rows);
}
