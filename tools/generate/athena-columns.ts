import { openDuckdb } from "#/queries/engines/duckdb.ts";
import store from "#/queries/engines/duckdb-store.sql";
import { askable } from "#/queries/engines/sql-allowed.ts";
import { makeTables } from "#/queries/facts/tables.ts";

/** DuckDB's own books beside the events. */
const own = ["parts", "event_keys", "hidden", "no_events"];

const types: Readonly<Record<string, string>> = {
  VARCHAR: "varchar",
  BIGINT: "bigint",
  // A sum of bigints, which Trino keeps a bigint.
  HUGEINT: "bigint",
  INTEGER: "integer",
  BOOLEAN: "boolean",
  DOUBLE: "double",
  DATE: "date",
  TIMESTAMP: "timestamp(6)",
  "VARCHAR[]": "array(varchar)",
};

/** `queries/engines/athena-columns.ts`: the columns that DuckDB gives the facts, so that Iceberg has the same. */
export const athenaColumns = async (): Promise<string> => {
  const found = await columnsOf("t.table_type = 'BASE TABLE' or c.table_name = 'events'");
  return textOf(
    found.filter((column) => !own.includes(String(column["table"]))),
    "Every stored table of the facts with its columns, as Trino names their types.",
    ["columns", "FactTable"],
  );
};

/** `queries/catalogue-facts.ts`: what hand-written SQL may name, for who writes it. */
export const askableColumns = async (): Promise<string> =>
  textOf(
    await columnsOf(`c.table_name in (${askable.map((name) => `'${name}'`).join(", ")})`),
    "The facts that hand-written SQL may name, with their columns, as Trino names their types.",
    ["askableFacts", "AskableFact"],
  );

type Found = readonly Readonly<Record<string, unknown>>[];

async function columnsOf(which: string): Promise<Found> {
  const engine = await openDuckdb();
  try {
    const connection = await engine.connect();
    await connection.run(store);
    await connection.run("create view events as from no_events");
    await makeTables(connection);
    return await connection.rows(`
      select c.table_name as "table", c.column_name as name, c.data_type as type
      from information_schema.columns c join information_schema.tables t using (table_catalog, table_schema, table_name)
      where c.table_catalog = current_database() and c.table_schema = 'main'
        and (${which})
      order by c.table_name, c.ordinal_position`);
  } finally {
    engine.close();
  }
}

function textOf(found: Found, about: string, [name, type]: readonly [string, string]): string {
  const tables = [...new Set(found.map(({ table }) => String(table)))];
  const lines = tables.flatMap((table) => [
    `  ${table}: {`,
    ...found
      .filter((column) => column["table"] === table)
      .map((column) => `    ${column["name"]}: "${trinoType(column["type"])}",`),
    "  },",
  ]);
  return `${[
    "// Made by `npm run generate` from the facts' texts, as DuckDB types them. Do not edit.",
    "",
    `/** ${about} */`,
    `export const ${name} = {`,
    ...lines,
    "} as const;",
    "",
    `export type ${type} = keyof typeof ${name};`,
  ].join("\n")}\n`;
}

function trinoType(type: unknown): string {
  const known = types[String(type)];
  if (known === undefined) throw new Error(`The facts have a column of ${String(type)}: write it here as Trino does.`);
  return known;
}
