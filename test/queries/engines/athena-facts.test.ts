import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Asker } from "#/queries/engines/athena.ts";
import { type Table, tables, trinoTables } from "#/queries/engines/athena-ddl.ts";
import { refreshAthena } from "#/queries/engines/athena-facts.ts";
import { recordAthena } from "#/queries/engines/athena-record.ts";
import { type Connection, openDuckdb } from "#/queries/engines/duckdb.ts";
import { computedFacts } from "#/queries/facts/tables.ts";
import type { EventStore } from "#/queries/ingest/store.ts";
import { type MintFact, recordMints, recordOwnRoles } from "#/queries/record.ts";
import { loaded } from "../answers.ts";
import { type AwsRecord, roleArn, trailOf } from "../aws-records.ts";

const { mints, records }: { mints: MintFact[]; records: AwsRecord[] } = JSON.parse(
  readFileSync(`${import.meta.dirname}/../events/organisation.json`, "utf8"),
);
const own = [{ role: roleArn("RoletrailRevoker"), caller: null }];

/** Athena's statements on DuckDB, which knows MERGE too: what Trino itself says of them is test/trino's to tell. */
async function lakeInDuckdb(): Promise<{ lake: Asker; connection: Connection; close: () => void }> {
  // With more threads DuckDB 1.5.5's MERGE into a table that was never written now and then inserts every row twice.
  const engine = await openDuckdb({ threads: 1 });
  const connection = await engine.connect();
  for (const sql of trinoTables())
    await connection.run(
      sql
        .replace(/ with \(partitioning.*$/, "")
        .replaceAll("timestamp(6)", "timestamp")
        .replaceAll("array(varchar)", "varchar[]"),
    );
  const query: Asker["query"] = async ({ sql }) => {
    const rows = await connection.rows(sql);
    const updated = /^(insert|merge|delete)/.test(sql) ? Number(rows[0]?.["Count"] ?? 0) : 0;
    return { rows, updated, cost: { bytes: 0, dollars: 0, query_id: null } };
  };
  return { lake: { database: "main", query }, connection, close: () => engine.close() };
}

async function copy(from: EventStore, to: Connection, table: Table, where = "true"): Promise<void> {
  const file = `${from.places.staging}/${table}.parquet`;
  const list = Object.keys(tables[table]).join(", ");
  await from.writer.run(`copy (select ${list} from ${table} where ${where}) to '${file}' (format parquet)`);
  await to.run(`insert into ${table} (${list}) select ${list} from read_parquet('${file}')`);
}

const rowsOf = async (connection: Connection, table: Table): Promise<string[]> =>
  (await connection.rows(`select ${Object.keys(tables[table]).join(", ")} from ${table}`))
    .map((row) => JSON.stringify(row))
    .sort();

async function daysOf(connection: Connection, where: string): Promise<string[]> {
  const rows = await connection.rows(`select distinct cast(day as varchar) as day from events where ${where}`);
  return rows.map(({ day }) => String(day)).sort();
}

test("facts merged run by run, mints and own roles in between, are the embedded engine's of one read", async () => {
  const store = await loaded(trailOf(records));
  const { lake, connection, close } = await lakeInDuckdb();
  for (const table of ["files", "duplicates"] as const) await copy(store, connection, table);
  for (const third of [2, 0, 1]) {
    const where = `hash(event_id) % 3 = ${third}`;
    await copy(store, connection, "events", where);
    if (third === 0) await recordAthena(lake, mints, own);
    expect(await refreshAthena(lake, await daysOf(store.writer, where))).toBe(true);
  }
  await recordMints(store.writer, mints);
  await recordOwnRoles(store.writer, own);
  for (const table of computedFacts)
    expect(await rowsOf(connection, table), table).toEqual(await rowsOf(store.writer, table));

  // Once more over everything, and the same mints again: nothing changes.
  await recordAthena(lake, mints, own);
  expect(await refreshAthena(lake, await daysOf(store.writer, "true"))).toBe(false);
  expect(await refreshAthena(lake, [])).toBe(false);

  // A mint that ended another way, and a role that is Roletrail's own no longer.
  const other = mints.map((mint) => ({ ...mint, outcome: "refused" as const }));
  await recordMints(store.writer, other);
  await recordOwnRoles(store.writer, []);
  await recordAthena(lake, other, []);
  await refreshAthena(lake, []);
  for (const table of computedFacts)
    expect(await rowsOf(connection, table), table).toEqual(await rowsOf(store.writer, table));
  close();
  store.close();
});

test("a run that died is finished by the next one", async () => {
  const store = await loaded(trailOf(records));
  const { lake, connection, close } = await lakeInDuckdb();
  for (const table of ["files", "duplicates", "events"] as const) await copy(store, connection, table);
  const days = await daysOf(store.writer, "true");
  for (let dies = 3; ; dies += 7) {
    let left = dies;
    const dying: Asker = {
      ...lake,
      query: (query) => {
        left -= 1;
        return left < 0 ? Promise.reject(new Error("died")) : lake.query(query);
      },
    };
    const ended = await refreshAthena(dying, days).catch((error: unknown) => String(error));
    if (ended !== "Error: died") {
      expect(ended).toBe(true);
      break;
    }
  }
  for (const table of computedFacts)
    expect(await rowsOf(connection, table), table).toEqual(await rowsOf(store.writer, table));
  close();
  store.close();
}, 60_000);
