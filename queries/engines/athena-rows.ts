import type { Row } from "./duckdb.ts";

export interface AthenaColumn {
  readonly name: string;
  /** Athena's name of the type, lower case: `varchar`, `bigint`, `timestamp`, `timestamp with time zone`. */
  readonly type: string;
}

/** A row as DuckDB gives it: every value of GetQueryResults is text, and absent where it is null. */
export function rowOf(columns: readonly AthenaColumn[], values: readonly (string | undefined)[]): Row {
  const row: Row = {};
  for (const [at, { name, type }] of columns.entries()) {
    const text = values[at];
    row[name] = text === undefined ? null : typedOf(type, text);
  }
  return row;
}

type Read = (text: string) => unknown;

const asIs: Read = (text) => text;

const readers: Readonly<Record<string, Read>> = {
  varchar: asIs,
  char: asIs,
  string: asIs,
  json: asIs,
  date: asIs,
  boolean: (text) => text === "true",
  tinyint: Number,
  smallint: Number,
  integer: Number,
  int: Number,
  bigint: Number,
  float: Number,
  real: Number,
  double: Number,
  decimal: Number,
  timestamp: isoOf,
  "timestamp with time zone": isoOf,
};

/** @throws Error for a list, map or row: their text cannot be told apart again, so a question gives JSON text instead. */
function typedOf(type: string, text: string): unknown {
  const read = readers[type.toLowerCase().replace(/\(.*\)/, "")];
  if (read === undefined) throw new Error(`A question answered a column of type ${type}, which has no text form.`);
  return read(text);
}

/** `2026-11-21 09:30:00.000000`, with ` UTC` or without: whole seconds are written without a fraction. */
function isoOf(text: string): string {
  const [, day, time, fraction = ""] =
    /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d+))?(?: UTC)?$/.exec(text) ?? [];
  if (day === undefined) throw new Error("A question answered a time that is not of UTC.");
  const milliseconds = fraction.padEnd(3, "0").slice(0, 3);
  return `${day}T${time}${milliseconds === "000" ? "" : `.${milliseconds}`}Z`;
}
