import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { powers } from "#/core/access.ts";
import { placeholders } from "#/queries/placeholders.ts";

/** One `queries/<name>.sql`: its header and the text below it. */
export interface ParsedQuestion extends Header {
  readonly name: string;
  readonly sql: string;
}

const types = ["text", "bigint", "double", "boolean", "timestamp", "date", "json"] as const;
const charts = ["table", "matrix", "bars", "flow", "figures", "lineage", "lives", "calendar"] as const;
/** `trail`: a question of its own in the menu; `panel`: part of a page. */
const menus = ["trail", "panel"] as const;

const Field = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]*$/),
  type: z.enum(types),
  nullable: z.boolean(),
  about: z.string(),
});

const Header = z.strictObject({
  title: z.string().min(1).max(60),
  asks: z.string().endsWith("?"),
  power: z.enum(powers),
  chart: z.enum(charts),
  menu: z.enum(menus),
  params: z.array(Field),
  columns: z.array(Field).min(1),
});
type Header = z.infer<typeof Header>;

export function readQuestions(folder: string): readonly ParsedQuestion[] {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(".sql"))
    .sort();
  if (files.length === 0) throw new Error(`no question in ${folder}`);
  return files.map((file) => parseQuestion(file.slice(0, -4), readFileSync(path.join(folder, file), "utf8")));
}

/** @throws Error naming the question and what its header lacks, or which `:param` is undeclared or unused. */
export function parseQuestion(name: string, text: string): ParsedQuestion {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("-- "));
  const entries = lines.slice(0, end).map((line) => entryOf(name, line));
  const one = (key: string): string | undefined => entries.find((entry) => entry.key === key)?.value;
  const many = (key: string) => entries.filter((entry) => entry.key === key).map((entry) => fieldOf(name, entry.value));
  const header = Header.safeParse({
    title: one("title"),
    asks: one("asks"),
    power: one("power"),
    chart: one("chart"),
    menu: one("menu"),
    params: many("param"),
    columns: many("column"),
  });
  if (!header.success) {
    const first = header.error.issues[0];
    throw new Error(`${name}.sql: ${first?.path.join(".")}: ${first?.message}`);
  }
  const sql = lines.slice(end).join("\n").trim();
  checkParams(name, header.data, sql);
  return { name, ...header.data, sql };
}

const keys = ["title", "asks", "power", "chart", "menu", "param", "column"];

function entryOf(question: string, line: string): { key: string; value: string } {
  const found = /^-- ([a-z]+):\s+(.+?)\s*$/.exec(line);
  if (found?.[1] === undefined || found[2] === undefined || !keys.includes(found[1]))
    throw new Error(`${question}.sql: not a header line: ${line}`);
  return { key: found[1], value: found[2] };
}

/** `name type` and, after two blanks or more, a sentence; `type?` may be null. */
function fieldOf(question: string, value: string): z.input<typeof Field> {
  const found = /^(\S+) ([a-z]+)(\?)?(?:\s\s+(.*))?$/.exec(value);
  if (found?.[1] === undefined || found[2] === undefined) throw new Error(`${question}.sql: not a field: ${value}`);
  const type = types.find((known) => known === found[2]);
  if (type === undefined) throw new Error(`${question}.sql: ${found[1]} has no known type: ${found[2]}`);
  return { name: found[1], type, nullable: found[3] === "?", about: found[4] ?? "" };
}

function checkParams(question: string, header: Header, sql: string): void {
  const declared = header.params.map((param) => param.name);
  const used = new Set(placeholders(sql, (name) => `:${name}`).found);
  const undeclared = [...used].filter((name) => !declared.includes(name));
  const unused = declared.filter((name) => !used.has(name));
  if (undeclared.length > 0) throw new Error(`${question}.sql uses :${undeclared[0]} and does not declare it`);
  if (unused.length > 0) throw new Error(`${question}.sql declares ${unused[0]} and does not use it`);
  const names = header.columns.map((column) => column.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${question}.sql declares the column ${twice} twice`);
}
