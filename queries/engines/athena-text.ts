import { Refusal } from "#/core/refusal.ts";
import { derived, withFirst } from "../facts/derived.ts";
import { placeholders } from "../placeholders.ts";
import { ruleOf, seesAll, type Viewer } from "../viewer.ts";
import { columns } from "./athena-columns.ts";
import type { Statement } from "./engine.ts";

/** What StartQueryExecution is given: the text, and a literal for each `?` in order. */
export interface AthenaText {
  readonly sql: string;
  readonly values: readonly string[];
}

/**
 * A question as Athena runs it: what its viewer may see as common table expressions under the facts' own names, then
 * the question unchanged. The watermark stands in the text, because a result is reused for an equal text only.
 */
export function athenaText(statement: Statement, database: string, watermark: string): AthenaText {
  const values: string[] = [];
  const { text } = placeholders(statement.sql, (name) => {
    const value = statement.params[name] ?? null;
    // Null is no value: a literal of no type cannot be handed in.
    if (value === null) return "null";
    values.push(literal(name, value));
    return "?";
  });
  const cap = statement.rowsMax === null ? "" : `\nlimit ${statement.rowsMax}`;
  const sql = `-- facts of ${watermark.replaceAll(/[^\w:.-]/g, "")}\n${withFirst(text, prelude(text, statement.viewer, database))}${cap}`;
  if (Buffer.byteLength(sql) > textBytesMax) throw new Error("A question is longer than Athena takes.");
  return { sql, values };
}

/**
 * Hand-written SQL with the derived facts beside it. That it changes nothing is its role's to hold, not this text's.
 * @throws Refusal `sql.refused` for what is no SELECT, or several.
 */
export function athenaSql(text: string, rowsMax: number): string {
  const own = text.trim().replace(/;\s*$/, "");
  const bare = own.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"/g, " ").trim();
  if (!/^\(*\s*(select|with|values|table)\b/i.test(bare) || bare.includes(";") || /\?/.test(bare))
    throw new Refusal("sql.refused", "Roletrail does not run this SQL. It is not one SELECT.", {
      help: "It takes one SELECT over the facts, in Athena's dialect; docs/sql.md says which.",
    });
  const made = prelude(own, seesAll, "");
  return withFirst(`select * from (\n${own}\n) asked\nlimit ${rowsMax}`, made);
}

const textBytesMax = 262_144;
/** ExecutionParameters are of at most 1,024 characters each. */
const literalMax = 1_024;

/** Athena puts each ExecutionParameter in as a SQL literal: text carries its own quotes. */
function literal(name: string, value: string | number | boolean): string {
  const text = typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
  if (text.length <= literalMax) return text;
  throw new Refusal("question.params", `${name} is longer than ${literalMax - 2} characters.`);
}

/**
 * Derived facts first: inside them the stored tables are still whole. Then every stored table the text could name,
 * narrowed; a viewer of everything reads the tables themselves. A text whose names are escaped is refused.
 */
function prelude(text: string, viewer: Viewer, database: string): string[] {
  if (/\bu&"/i.test(text)) throw new Error("A question names a table by escapes.");
  const isNamed = ([name]: readonly [string, ...unknown[]]): boolean => new RegExp(`\\b${name}\\b`, "i").test(text);
  const isWhole = viewer.accounts === null;
  const rule = (table: string, names: readonly string[]): string =>
    isWhole ? "" : ` where ${ruleOf(viewer, table, new Set(names)).replaceAll("main.", `"${database}".`)}`;
  const made = Object.entries(derived)
    .filter(isNamed)
    .map(([name, { text: of, columns: names }]) => `${name} as (select * from (\n${of}\n) whole${rule(name, names)})`);
  const stored = isWhole ? [] : Object.entries(columns).filter(isNamed);
  const narrowed = stored.map(
    ([name, of]) => `${name} as (select * from "${database}"."${name}"${rule(name, Object.keys(of))})`,
  );
  return [...made, ...narrowed];
}
