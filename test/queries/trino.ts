import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { placeholders } from "#/queries/placeholders.ts";

/** What Trino's grammar says against a text; empty when it is valid. */
export type Grammar = (sql: string) => readonly string[];

/** dt-sql-parser's own ESM does not load in Node (it imports directories): it is bundled first. */
export async function trinoGrammar(): Promise<Grammar> {
  const outfile = path.join(mkdtempSync(path.join(tmpdir(), "roletrail-grammar-")), "trino.mjs");
  await build({
    entryPoints: [path.resolve("node_modules/dt-sql-parser/dist/parser/trino/index.js")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  const loaded: { TrinoSQL: new () => { validate(sql: string): { message: string; startLine: number }[] } } =
    await import(pathToFileURL(outfile).href);
  const trino = new loaded.TrinoSQL();
  return (sql) =>
    trino
      .validate(placeholders(sql, () => "?").text)
      .map(({ message, startLine }) => `line ${startLine}: ${message.slice(0, 160)}`);
}

/** Functions of Trino 476 and of Athena's engine 3 that the texts may call; a grammar knows no names. */
const allowed = new Set(
  `approx_percentile array_agg array_distinct array_join array_sort avg cardinality cast chr coalesce count count_if date_add
   date_diff date_format date_trunc element_at exists flatten from_hex histogram json_extract json_extract_scalar json_format lower
   lpad map_keys max max_by min min_by mod nullif rank regexp_extract regexp_like regexp_replace replace row_number sha256 slice split
   split_part strpos substr sum to_base32 to_hex to_unixtime to_utf8 try_cast unnest`.split(/\s+/),
);

/** Words that stand before a bracket and are no function. */
const words = new Set(
  `all and any as by distinct else filter from having in is join lateral not on or ordinality over partition select then
   timestamp union using values varchar when where with except intersect array t`.split(/\s+/),
);

// What Trino and DuckDB both take and answer differently, without an error on either side (facts: Trino's dialect).
// biome-ignore format: the columns are the point
const differing: readonly { readonly what: RegExp; readonly why: string }[] = [
  { what: /\btimestamp\b(?!\s*\()/i,                                why: "a bare timestamp is timestamp(3) in Trino" },
  { what: /\b(any_value|approx_distinct)\s*\(/i,                    why: "not on every Trino, or not the same number" },
  { what: /\b(greatest|least)\s*\(/i,                               why: "null in Trino when one argument is null" },
  { what: /\b(now\s*\(|current_timestamp|current_date|localtime)/i, why: "defeats the reuse of results; hand the time in" },
  { what: /\b(from_iso8601_timestamp|to_iso8601)\s*\(/i,            why: "another precision and form in Trino" },
  { what: /[<>=]\s*(date\s+)?'\d{4}-\d{2}-\d{2}/i,                  why: "a date compared with text; hand it in and cast" },
  { what: /(\/\s*\d+\.\d|\d\.\d+\s*\/)/,                            why: "decimal division has another type in Trino" },
  { what: /\bdate_trunc\s*\(\s*'week'/i,                            why: "a date in Trino, a timestamp in DuckDB" },
  { what: /\b(where|having|on|and|or|when)\s+[^\n]*approx_/i,       why: "approximate figures are never compared" },
  { what: /\blimit\s+[\d?:]|\bfetch\s+first\b/i,                    why: "a cap belongs to the panel that asks" },
  { what: /\bwith\s+recursive\b/i,                                  why: "Athena stops at depth 10" },
  { what: /\b(from|join)\s+\w+\.\w+/i,                              why: "a question names no catalog and no schema" },
  { what: /(?<!nullif\(|= )split_part\([^()]*(\([^()]*\))?[^()]*, (?!1\))\w+\)/i, why: "past the end: null in Trino, '' in DuckDB" },
  { what: /\bunnest\([^)]*\)+\s+as\s+\w+\s*\(\s*\w+\s*,/i,           why: "an array of rows unnests differently" },
  { what: /\bfilter\s*\(\s*where[^)]*\)\s*over/i,                   why: "not in both" },
  { what: /\bexecute\s+immediate\b/i,                               why: "not in Athena" },
];

/** Faults of one text; `only` leaves a rule out by a word of its reason where a comment in the text says why. */
export function lint(sql: string): string[] {
  const bare = placeholders(sql, () => "?").text.replace(/--[^\n]*/g, "");
  const code = bare.replace(/'(?:[^']|'')*'/g, (text) => (/^'\d{4}-\d{2}-\d{2}|^'week'/.test(text) ? text : "''"));
  const faults = differing
    .filter(({ what }) => what.test(code))
    .map(({ what, why }) => `${what.exec(code)?.[0]}: ${why}`);
  const called = [...code.matchAll(/([a-z_][\w$]*)\s*\(/gi)].map(([, name]) => (name ?? "").toLowerCase());
  const names = new Set(
    [...code.matchAll(/\b([a-z_]\w*)\s+as\s+\(|\bas\s+([a-z_]\w*)\s*\(/gi)].map(([, name, alias]) =>
      (name ?? alias ?? "").toLowerCase(),
    ),
  );
  const strange = called.filter((name) => !allowed.has(name) && !words.has(name) && !names.has(name));
  return [
    ...faults,
    ...[...new Set(strange)].map((name) => `${name}(): not on the list of functions both engines have`),
  ];
}
