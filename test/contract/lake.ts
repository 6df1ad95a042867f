import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { rawColumns } from "#/queries/engines/athena-raw.ts";
import { type Duckdb, openDuckdb } from "#/queries/engines/duckdb.ts";
import { type AthenaStandIn, startAthena } from "../queries/engines/athena-stand-in.ts";

/** Athena over an empty DuckDB: workgroups, databases, its DDL, and raw logs read where they lie. */
export interface AthenaLake extends AthenaStandIn {
  readonly workgroups: ReadonlySet<string>;
  readonly databases: ReadonlySet<string>;
  /** What Athena's tables are here. */
  readonly engine: Duckdb;
  /** Why a statement of upkeep ends before its work does; one reason a run of it. */
  readonly unfinished: Map<string, string[]>;
}

/**
 * @param objects the folder that holds a bucket a folder, as the sandbox's S3 keeps them
 * @param known workgroups that are there from the beginning
 */
export async function startLake(objects: string, known: readonly string[] = []): Promise<AthenaLake> {
  const workgroups = new Set<string>(known);
  const databases = new Set<string>();
  const unfinished = new Map<string, string[]>();
  // With more threads DuckDB 1.5.5's MERGE into a table that was never written now and then inserts every row twice (25 of
  // 308 on a busy machine; none of 670 with one).
  const engine = await openDuckdb({ threads: 1 });
  const operation = (name: string, input: unknown): unknown => {
    const { WorkGroup = "", Name = "" } = Object(input);
    if (name === "CreateWorkGroup") {
      workgroups.add(Name);
      return {};
    }
    if (WorkGroup !== "" && !workgroups.has(WorkGroup))
      return { __type: "InvalidRequestException", Message: `WorkGroup ${WorkGroup} is not found.` };
    if (name !== "DeleteWorkGroup") return undefined;
    workgroups.delete(WorkGroup);
    return {};
  };
  const translate = async (sql: string): Promise<string> => {
    const [, made] = /^create database `(\w+)`/.exec(sql) ?? [];
    const [, dropped] = /^drop database if exists `(\w+)` cascade/.exec(sql) ?? [];
    if (made !== undefined) databases.add(made);
    if (dropped !== undefined) databases.delete(dropped);
    if (made !== undefined || dropped !== undefined || sql.startsWith("create external table")) return nothing;
    if (sql.startsWith("drop table")) return sql.replace(/`\w+`\./, "").replaceAll("`", '"');
    if (sql.startsWith("create table")) return duckdbTable(sql);
    const [, compacted, vacuumed] = upkeep.exec(sql) ?? [];
    const why = unfinished.get(sql)?.shift();
    if (why !== undefined) throw new Error(why);
    if (compacted !== undefined || vacuumed !== undefined) return `from ${compacted ?? vacuumed} limit 0`;
    return sql.includes("cloudtrail_raw") ? rawIn(sql, objects) : sql;
  };
  const standIn = await startAthena(engine, "unused", { operation, translate, looks: 0 });
  const { close: closeServer } = standIn;
  const close = async (): Promise<void> => {
    await closeServer();
    engine.close();
  };
  return Object.assign(standIn, { workgroups, databases, engine, unfinished, close });
}

/** Athena's own words for both. */
const upkeep =
  /^(?:optimize (\w+) rewrite data using bin_pack(?: where day >= date '\d{4}-\d{2}-\d{2}')?|vacuum (\w+))$/;
const nothing = "select 1 as done where false";

const types: Readonly<Record<string, string>> = {
  string: "varchar",
  int: "integer",
  "array<string>": "varchar[]",
};

/** An Iceberg table's columns; where it lies and how it is partitioned is Athena's alone. */
function duckdbTable(sql: string): string {
  const [, name, list] = /^create table if not exists `(\w+)` \(\n([\s\S]*?)\n\)/.exec(sql) ?? [];
  if (name === undefined || list === undefined || !sql.includes("'table_type' = 'ICEBERG'")) throw new Error(sql);
  const columns = [...list.matchAll(/`(\w+)` ([\w<>]+)/g)].map(
    ([, column, type = ""]) => `"${column}" ${types[type] ?? type}`,
  );
  return `create table if not exists "${name}" (${columns.join(", ")})`;
}

/** The files that the statement names, record by record, with names and types as Hive's JSON reader gives them. */
function rawIn(sql: string, objects: string): string {
  const records = [...sql.matchAll(/'s3:\/\/([^']+\.json\.gz)'/g)].flatMap(([, name = ""]) => {
    const parts = /AWSLogs\/(?:o-\w+\/)?(\d{12})\/CloudTrail\/([\w-]+)\/(\d{4}\/\d{2}\/\d{2})\//.exec(name);
    const [, account, region, day] = parts ?? [];
    return recordsOf(path.join(objects, name)).map((record) => ({
      ...Object.fromEntries(
        Object.entries(rawColumns).map(([column, type]) => [column, valueIn(type, lower(record)[column])]),
      ),
      ...{ account, region, day, $path: `s3://${name}` },
    }));
  });
  const file = path.join(objects, "..", "raw.ndjson");
  writeFileSync(file, records.map((record) => JSON.stringify(record)).join("\n"));
  const own = { ...rawColumns, account: "string", region: "string", day: "string", $path: "string" };
  const columns = Object.entries(own).map(([name, type]) => `'${name}': '${duckdbType(type)}'`);
  const table = `read_json('${file}', format = 'newline_delimited', columns = {${columns.join(", ")}})`;
  return sql.replace(/\bcloudtrail_raw\b/g, table);
}

function recordsOf(file: string): Record<string, unknown>[] {
  try {
    return JSON.parse(gunzipSync(readFileSync(file)).toString("utf8")).Records;
  } catch {
    throw new Error(`HIVE_CURSOR_ERROR: Failed to read file: ${file}`);
  }
}

const lower = (given: unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(Object(given)).map(([name, value]) => [name.toLowerCase(), value]));

/** Text of a `string` column is the JSON as it stood; a struct's members are found in any case. */
function valueIn(type: string, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (type === "string") return typeof value === "string" ? value : JSON.stringify(value);
  const [, item] = /^array<(.*)>$/.exec(type) ?? [];
  if (item !== undefined) return Array.isArray(value) ? value.map((each) => valueIn(item, each)) : null;
  return Object.fromEntries(membersOf(type).map(([name, inner]) => [name, valueIn(inner, lower(value)[name])]));
}

function duckdbType(type: string): string {
  const [, item] = /^array<(.*)>$/.exec(type) ?? [];
  if (item !== undefined) return `${duckdbType(item)}[]`;
  if (type === "string") return "VARCHAR";
  return `STRUCT(${membersOf(type)
    .map(([name, inner]) => `"${name}" ${duckdbType(inner)}`)
    .join(", ")})`;
}

/** `struct<a:string,b:struct<c:string>>` taken apart at its own commas. */
function membersOf(type: string): [string, string][] {
  const inner = type.slice("struct<".length, -1);
  const members: string[] = [""];
  let depth = 0;
  for (const character of inner) {
    depth += character === "<" ? 1 : character === ">" ? -1 : 0;
    if (character === "," && depth === 0) members.push("");
    else members[members.length - 1] += character;
  }
  return members.map((member) => [member.slice(0, member.indexOf(":")), member.slice(member.indexOf(":") + 1)]);
}

/** Every object of the sandbox's buckets but its trail's. */
export const objectsUnder = (folder: string, trailBucket: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8", withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((name) => !name.startsWith(`${trailBucket}/`));
