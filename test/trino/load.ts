import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Asker } from "#/queries/engines/athena.ts";
import { type Table, tables, trinoTables } from "#/queries/engines/athena-ddl.ts";
import type { Connection } from "#/queries/engines/duckdb.ts";
import { openTrino } from "./client.ts";

const data = process.env["TRINO_DATA"] ?? "";

/** An Iceberg schema with every table of the facts, empty. */
export async function emptyLake(schema: string): Promise<Asker> {
  const lake = openTrino("facts", schema);
  const run = (sql: string) => lake.query({ sql, seconds: 120 });
  await run(`create schema facts."${schema}"`);
  for (const sql of trinoTables()) await run(sql);
  return lake;
}

/** Rows of DuckDB's table into Iceberg's, as Parquet: `where` chooses some. */
export async function copyInto(lake: Asker, from: Connection, table: Table, where = "true"): Promise<void> {
  copies += 1;
  const folder = `parquet/${lake.database}-${table}-${copies}`;
  mkdirSync(path.join(data, "parquet"), { recursive: true });
  const columns = Object.entries(tables[table]);
  const list = columns.map(([name]) => `"${name}"`).join(", ");
  await from.run(
    `copy (select ${list} from "${table}" where ${where}) to '${path.join(data, folder)}' (format parquet, per_thread_output true)`,
  );
  const run = (sql: string) => lake.query({ sql, seconds: 120 });
  await run(`create table staged (${columns.map(([name, type]) => `"${name}" ${type}`).join(", ")})`);
  await run(`alter table staged execute add_files(location => 'local:///${folder}', format => 'PARQUET')`);
  await run(`insert into "${table}" select ${list} from staged`);
  await run("drop table staged");
}

let copies = 0;
