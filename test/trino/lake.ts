import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { type Table, tables, trinoTables } from "#/queries/engines/athena-ddl.ts";
import { rawColumns } from "#/queries/engines/athena-raw.ts";
import type { Listed } from "#/queries/sources/source.ts";
import { openTrino, type Trino } from "./client.ts";
import { organisationFolder } from "./trail.ts";

const data = process.env["TRINO_DATA"] ?? "";

/** Where the trail of a lake lies, and what comes before a key to make its path in Trino. */
export const trailFolder = (name: string): string => path.join(data, "trail", name);
export const trailRoot = (name: string): string => `local:///trail/${name}/`;

/** An Iceberg schema with every table of the facts, empty, and the raw table over the trail's folder. */
export async function openLake(name: string): Promise<Trino> {
  const lake = openTrino("facts", name);
  const logs = openTrino("logs", "raw");
  await lake.query({ sql: `create schema facts."${name}"`, seconds: 60 });
  for (const sql of trinoTables()) await lake.query({ sql, seconds: 60 });
  await logs.query({ sql: "create schema if not exists logs.raw", seconds: 60 });
  await logs.query({ sql: rawTable(name), seconds: 60 });
  await lake.query({ sql: rawView(name), seconds: 60 });
  return lake;
}

/** `struct<a:string,b:array<struct<c:string>>>` in Trino's words: row(a varchar, b array(row(c varchar))). */
const trinoType = (hive: string): string =>
  hive
    .replaceAll("struct<", "row(")
    .replaceAll("array<", "array(")
    .replaceAll(">", ")")
    .replaceAll(":", " ")
    .replaceAll("string", "varchar")
    .replaceAll(",", ", ");

/** The deployed raw table's own columns. */
const record = `row(${Object.entries(rawColumns)
  .map(([name, type]) => `${name} ${trinoType(type)}`)
  .join(", ")})`;

/**
 * Trino has no CloudTrail input format (that class is Amazon's own): one array of records a file. Partitions are
 * projected by the same properties as the deployed table's, over an organisation trail's layout.
 */
const rawTable = (name: string): string =>
  `create table lines_${name} (records array(${record}),
    account varchar with (partition_projection_type = 'INJECTED'),
    region varchar with (partition_projection_type = 'INJECTED'),
    day varchar with (partition_projection_type = 'DATE', partition_projection_format = 'yyyy/MM/dd',
      partition_projection_range = array['2014/01/01', 'NOW'], partition_projection_interval = 1,
      partition_projection_interval_unit = 'DAYS'))
    with (format = 'OPENX_JSON', external_location = '${trailRoot(name)}${organisationFolder}',
      partitioned_by = array['account', 'region', 'day'], partition_projection_enabled = true,
      partition_projection_location_template = '${trailRoot(name)}${organisationFolder}/\${account}/CloudTrail/\${region}/\${day}')`;

const rawView = (name: string): string =>
  `create view cloudtrail_raw as select r.*, l.account, l.region, l.day, l."$path" as "$path"
     from logs.raw.lines_${name} l cross join unnest(l.records) as r`;

/** The trail's files as a source lists them: another size or time is another etag. */
export function listTrail(name: string): Listed[] {
  const folder = trailFolder(name);
  return readdirSync(path.join(folder, "AWSLogs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".gz"))
    .map((file) => `AWSLogs/${file}`)
    .sort()
    .map((key) => {
      const { size, mtimeMs } = statSync(path.join(folder, key));
      return { key, etag: `"${size}-${mtimeMs}"`, bytes: size };
    });
}

/** A SELECT of all of a table that both engines answer alike: lists as JSON text. */
export function allOf(table: Table): string {
  const list = Object.entries(tables[table]).map(([name, type]) =>
    type.startsWith("array") ? `json_format(cast("${name}" as json)) as "${name}"` : `"${name}"`,
  );
  return `select ${list.join(", ")} from "${table}"`;
}
