import type { ParsedQuestion } from "./questions.ts";

const tsTypes = {
  text: "string",
  bigint: "number",
  double: "number",
  boolean: "boolean",
  timestamp: "string",
  date: "string",
  json: "readonly unknown[]",
} as const;

/** `queries/catalogue.ts`: every question's text with typed params and rows. */
export function catalogue(questions: readonly ParsedQuestion[]): string {
  return `${[
    "// Made by `npm run generate` from the headers of queries/*.sql. Do not edit.",
    "",
    head,
    "/** What a question takes; a param left out or null does not narrow the answer. Times are ISO, `2026-11-21T09:30:00Z`. */",
    "export interface Params {",
    ...questions.flatMap((question) => shape(question.name, question.params, "?", true)),
    "}",
    "",
    "/** A row of a question's answer: times are ISO, json is an array or object, absent is null. */",
    "export interface Rows {",
    ...questions.flatMap((question) => shape(question.name, question.columns, "", false)),
    "}",
    "",
    "export type QuestionName = keyof Rows;",
    "",
    "export const questions: { readonly [Name in QuestionName]: Question } = {",
    ...questions.map(entry),
    "};",
    "",
    "export const isQuestion = (name: string): name is QuestionName => Object.hasOwn(questions, name);",
  ].join("\n")}\n`;
}

const head = `export type ColumnType = "text" | "bigint" | "double" | "boolean" | "timestamp" | "date" | "json";

export interface Field {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly about: string;
}

export interface Question {
  readonly title: string;
  readonly asks: string;
  /** The power its reader needs (core/access.ts); the engine's views limit what is seen. */
  readonly power: "see-own" | "see-account" | "see-all";
  readonly chart: "table" | "matrix" | "bars" | "flow" | "figures" | "lineage" | "lives" | "calendar";
  /** \`trail\`: a question of its own in the menu; \`panel\`: part of a page. */
  readonly menu: "trail" | "panel";
  readonly params: readonly Field[];
  readonly columns: readonly Field[];
  /** Trino's dialect; values are \`:name\` (queries/placeholders.ts). */
  readonly sql: string;
}
`;

function shape(name: string, fields: ParsedQuestion["columns"], optional: "?" | "", always: boolean): string[] {
  const lines = fields.flatMap((field) => [
    ...(field.about === "" ? [] : [`    /** ${field.about} */`]),
    `    readonly ${field.name}${optional}: ${tsTypes[field.type]}${always || field.nullable ? " | null" : ""};`,
  ]);
  return [`  "${name}": {`, ...lines, "  };"];
}

function entry(question: ParsedQuestion): string {
  const { name, sql, ...header } = question;
  const body = JSON.stringify(header, null, 2)
    .split("\n")
    .slice(1, -1)
    .map((line) => `  ${line}`)
    .join("\n");
  return `  "${name}": {\n${body},\n    "sql": ${template(sql)}\n  },`;
}

const template = (text: string): string =>
  `\`${text
    .replaceAll("\\", "\\\\")
    .replaceAll("`", "\\`")
    .replaceAll("$" + "{", "\\$" + "{")}\``;

/** `docs/queries.md`. */
export function queriesPage(questions: readonly ParsedQuestion[]): string {
  const part = (menu: ParsedQuestion["menu"]): string[] =>
    questions.filter((question) => question.menu === menu).flatMap(section);
  return `${[
    "# Questions",
    "",
    "Made by `npm run generate` from the headers of `queries/*.sql`. Each answers from the shell too:",
    "`npx roletrail ask <question> [--trail DIR] [--since …] [--until …] [--param name=value] --format table|json|ndjson|csv`.",
    "Params left out do not narrow the answer; windows are [since, until); times are UTC.",
    "",
    ...part("trail"),
    "# Panels",
    "",
    "Questions that are part of a page.",
    "",
    ...part("panel"),
  ].join("\n")}`;
}

function section(question: ParsedQuestion): string[] {
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  const rows = (fields: ParsedQuestion["columns"]): string[] => [
    "| name | type | |",
    "|---|---|---|",
    ...fields.map(
      (field) => `| \`${field.name}\` | ${field.type}${field.nullable ? ", or null" : ""} | ${cell(field.about)} |`,
    ),
    "",
  ];
  return [
    `## ${question.name}`,
    "",
    `**${question.title}.** ${question.asks} Power: \`${question.power}\`. Chart: ${question.chart}.`,
    "",
    ...(question.params.length === 0 ? ["No params.", ""] : ["Params:", "", ...rows(question.params)]),
    "Columns:",
    "",
    ...rows(question.columns),
  ];
}
