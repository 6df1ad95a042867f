import type { Connection } from "../engines/duckdb.ts";
import { type FactName, texts } from "./texts.ts";

/** Facts whose rows are of one day of events each. */
export type DayTable = "records" | "uses" | "covered" | "edits";

export const mintColumns = [
  ["mint_id", "varchar"],
  ["person_id", "varchar"],
  ["account", "varchar"],
  ["role", "varchar"],
  ["road", "varchar"],
  ["outcome", "varchar"],
  ["intended_at", "timestamp"],
  ["issued_at", "timestamp"],
  ["expires_at", "timestamp"],
  ["access_key_id", "varchar"],
  ["session_name", "varchar"],
  ["reason", "varchar"],
] as const;

/** The tables that a refresh computes, in the order in which each reads those before it. */
export const computedFacts = [
  "records",
  "openings",
  "uses",
  "links",
  "callers",
  "matches",
  "opened",
  "lineage",
  "sessions",
  "issuances",
  "covered",
  "edits",
] as const satisfies readonly FactName[];

/** What narrows a statement to the rows to recompute, and the table it is part of (queries/refresh.ts). */
const scopes = {
  component_records: "records",
  component_openings: "openings",
  touched_openings: "openings",
  component_uses: "uses",
  touched_links: "links",
  touched_opened: "opened",
} as const;

/** What each statement then reads is all there is. */
export async function openScopes(connection: Connection): Promise<void> {
  for (const [scope, table] of Object.entries(scopes))
    await connection.run(`create or replace temp view ${scope} as from ${table}`);
}

/** Makes the tables where there are none, from their own SELECTs over nothing: columns are written once. */
export async function makeTables(connection: Connection): Promise<void> {
  await connection.run("create or replace temp table arriving_mints (mint_id varchar)");
  const made = await connection.rows("select 1 from duckdb_tables() where table_name = 'covered'");
  if (made.length > 0) return;
  await connection.run(`
    create table minted (${mintColumns.map((column) => column.join(" ")).join(", ")});
    create table own_roles (role varchar, caller varchar);
    create or replace temp view day_events as select * from events where false;`);
  for (const table of computedFacts) await makeTable(connection, table);
  await connection.run(`create view coverage as ${texts.coverage}`);
  // Nothing asks it yet, and a million rows are not kept for nobody (docs/decisions).
  await connection.run(`create view activity as ${texts.activity.replaceAll(/\bday_events\b/g, "events")}`);
}

async function makeTable(connection: Connection, table: (typeof computedFacts)[number]): Promise<void> {
  await connection.run(table === "lineage" ? lineage : `create table ${table} as from (${texts[table]}) limit 0`);
  const own = Object.entries(scopes).filter(([, of]) => of === table);
  for (const [scope] of own) await connection.run(`create or replace temp view ${scope} as from ${table}`);
  if (table === "openings") await connection.run(issuedKeys);
  if (table === "matches") await connection.run(`create view mints as ${texts.mints}`);
}

/** The one that reads itself. */
const lineage = `create table lineage (
  session_id varchar, root_session_id varchar, root_caller varchar, root_kind varchar, hops bigint, step bigint,
  lineage varchar, origin varchar, way varchar, person_id varchar)`;

const issuedKeys = `create view issued_keys as
  select distinct access_key_id from openings where outcome = 'ok' and access_key_id is not null`;
