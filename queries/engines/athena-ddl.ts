import { columns, type FactTable } from "./athena-columns.ts";

/** Tables that are the facts function's own books beside the facts. */
const books = {
  /** One row a run that changed something: the watermark of every answer. */
  runs: { run_at: "timestamp(6)" },
  /** What this run touches; empty between runs. What a run that died had touched is the next one's. */
  touched: { kind: "varchar", id: "varchar" },
  /** Records of new files as they came, duplicates too; empty between runs. */
  arrived: columns.events,
  /** What a run joins calls to issuances among, read once: a text's every mention of it would read the whole fact again. */
  scope_uses: columns.uses,
  scope_openings: columns.openings,
  // What a run computed anew, until it is merged.
  new_records: columns.records,
  new_openings: columns.openings,
  new_uses: columns.uses,
  new_links: columns.links,
  new_callers: columns.callers,
  new_matches: columns.matches,
  new_opened: columns.opened,
  new_sessions: columns.sessions,
  new_issuances: columns.issuances,
  new_covered: columns.covered,
  new_edits: columns.edits,
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

export type Table = FactTable | keyof typeof books;

export const tables: Readonly<Record<Table, Readonly<Record<string, string>>>> = { ...columns, ...books };

export const isTable = (name: string): name is Table => Object.hasOwn(tables, name);

/** By day, so that a question of a week reads a week; the others are small, or looked up by id. */
export const partitions: Partial<Readonly<Record<Table, string>>> = {
  events: "day",
  records: "day",
  uses: "day",
  covered: "day(hour)",
  edits: "day",
};

/** Every table of the facts as Athena makes it; `location` is `s3://bucket/prefix` without a slash at its end. */
export function athenaTables(location: string): string[] {
  return Object.entries(tables).map(([table, of]) => {
    const list = Object.entries(of).map(([name, type]) => `  \`${name}\` ${hiveType(type)}`);
    const by = Object.entries(partitions).find(([name]) => name === table)?.[1];
    return `create table if not exists \`${table}\` (\n${list.join(",\n")}\n)${by === undefined ? "" : `\npartitioned by (${by})`}
location '${location}/${table}/'
tblproperties ('table_type' = 'ICEBERG', 'format' = 'parquet', 'write_compression' = 'zstd', 'vacuum_max_snapshot_age_seconds' = '86400')`;
  });
}

/** The same tables as Trino makes them. */
export function trinoTables(): string[] {
  return Object.entries(tables).map(([table, of]) => {
    const list = Object.entries(of).map(([name, type]) => `"${name}" ${type}`);
    const by = Object.entries(partitions).find(([name]) => name === table)?.[1];
    return `create table if not exists "${table}" (${list.join(", ")})${by === undefined ? "" : ` with (partitioning = array['${by}'])`}`;
  });
}

const hiveTypes: Readonly<Record<string, string>> = {
  varchar: "string",
  integer: "int",
  "timestamp(6)": "timestamp",
  "array(varchar)": "array<string>",
};

const hiveType = (type: string): string => hiveTypes[type] ?? type;

/** What grows by small files with each run. */
export const upkeepTables = ["events", "records", "uses", "sessions", "issuances", "openings", "links"] as const;

/** Compaction of what runs wrote in small files, and the end of what no snapshot needs. One statement each. */
export function athenaUpkeep(table: Table, since: string): string[] {
  const by = partitions[table];
  const some = by === "day" ? ` where day >= date '${since}'` : "";
  return [`optimize ${table} rewrite data using bin_pack${some}`, `vacuum ${table}`];
}
