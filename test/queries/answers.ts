import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type QuestionName, questions } from "#/queries/catalogue.ts";
import type { Connection, Row } from "#/queries/engines/duckdb.ts";
import { readTrail } from "#/queries/ingest/read.ts";
import { EventStore } from "#/queries/ingest/store.ts";
import { placeholders } from "#/queries/placeholders.ts";
import { refreshFacts } from "#/queries/refresh.ts";
import { openSource } from "#/queries/sources/open.ts";

/** An empty store in a folder of its own. */
export function emptyStore(): Promise<EventStore> {
  const home = mkdtempSync(path.join(tmpdir(), "roletrail-facts-"));
  return EventStore.open({
    events: path.join(home, "events"),
    facts: path.join(home, "facts.duckdb"),
    staging: path.join(home, "staging"),
  });
}

/** A folder of CloudTrail files, read as the product reads it, facts included. */
export async function loaded(folder: string): Promise<EventStore> {
  const store = await emptyStore();
  await readTrail(store, await openSource(folder), refreshFacts, { now: () => new Date("2026-11-21T12:00:00Z") });
  return store;
}

/** A question's rows: params left out are null, json columns are parsed. */
export async function answer(
  connection: Connection,
  name: QuestionName,
  given: Readonly<Record<string, string | number | boolean | null>> = {},
): Promise<Row[]> {
  const question = questions[name];
  const params = Object.fromEntries(question.params.map((param) => [param.name, given[param.name] ?? null]));
  const rows = await connection.rows(placeholders(question.sql, (param) => `$${param}`).text, params);
  const json = question.columns.filter((column) => column.type === "json").map((column) => column.name);
  return rows.map((row) => ({
    ...row,
    ...Object.fromEntries(
      json.map((column) => [column, row[column] === null ? null : JSON.parse(String(row[column]))]),
    ),
  }));
}
