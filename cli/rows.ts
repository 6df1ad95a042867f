import { csvOf } from "#/core/csv.ts";
import type { Answer } from "#/core/wire.ts";

type Rows = Pick<Answer, "columns" | "rows">;
type Row = Rows["rows"][number];

/** How an answer is written. Each ends in a newline, or is nothing where there are no rows and no header. */
export const formats = {
  table,
  json: ({ rows }) => (rows.length === 0 ? "[]\n" : `[\n${rows.map(jsonOf).join(",\n")}\n]\n`),
  ndjson: ({ rows }) => rows.map((row) => `${jsonOf(row)}\n`).join(""),
  csv: ({ columns, rows }) =>
    csvOf(
      columns.map(({ name }) => name),
      rows,
    ),
} as const satisfies Record<string, (answer: Rows, width?: number) => string>;

export type Format = keyof typeof formats;

/** Text of a log is hostile: what a terminal would obey is written as an escape, which is still the same JSON. */
const jsonOf = (row: Row): string =>
  JSON.stringify(row).replace(/[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (char) => `\\u${hex(char)}`);

const hex = (char: string): string => char.charCodeAt(0).toString(16).padStart(4, "0");

const textOf = (value: unknown): string => {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
};

const cellMax = 60;
const recordMax = 2_000;

/**
 * Columns side by side; a single row is written as name and value, which is easier to read than one long line. A pipe
 * or a file has no width: there nothing is cut.
 */
function table({ columns, rows }: Rows, width = Number.POSITIVE_INFINITY): string {
  const [only] = rows;
  if (only === undefined) return "";
  const names = columns.map(({ name }) => name);
  const isWhole = width === Number.POSITIVE_INFINITY;
  if (rows.length === 1) return record(names, only, isWhole ? width : recordMax);
  const cells = rows.map((row) => names.map((name) => shown(row[name], isWhole ? width : cellMax)));
  const numeric = columns.map(({ type }) => type === "bigint" || type === "double");
  const widths = names.map((name, index) => Math.max(name.length, ...cells.map((line) => line[index]?.length ?? 0)));
  const line = (values: readonly string[]): string =>
    values
      .map((value, index) => (numeric[index] ? value.padStart(widths[index] ?? 0) : value.padEnd(widths[index] ?? 0)))
      .join("  ")
      .trimEnd();
  const whole = [line(names), line(widths.map((size) => "─".repeat(size))), ...cells.map(line)];
  return whole.map((text) => `${text.length > width ? `${text.slice(0, width - 1)}…` : text}\n`).join("");
}

function record(names: readonly string[], row: Row, max: number): string {
  const size = Math.max(...names.map((name) => name.length));
  return names.map((name) => `${name.padEnd(size)}  ${shown(row[name], max)}\n`).join("");
}

function shown(value: unknown, max: number): string {
  const text = textOf(value).replace(/[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (char) => `\\u${hex(char)}`);
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}
