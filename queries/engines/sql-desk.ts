import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { newId } from "#/core/ids.ts";
import { Refusal } from "#/core/refusal.ts";
import { limitTo, ruleOf, type Viewer } from "../viewer.ts";
import { columns as factColumns } from "./athena-columns.ts";
import type { Column, Connection, Duckdb, Row } from "./duckdb.ts";
import { askable } from "./sql-allowed.ts";

export interface SqlTerms {
  /** The child's bundle. */
  readonly child: string;
  readonly rowsMax: number;
  readonly seconds: number;
}

/** Where `node tools/build.mjs` puts the child: beside the bundle that asks. Null when run from source. */
export function builtSqlChild(): string | null {
  const beside = path.join(path.dirname(fileURLToPath(import.meta.url)), "sql.mjs");
  return existsSync(beside) ? beside : null;
}

/** Of DuckDB's own books; a statement that needs more ends. The process may have little more than twice that. */
const memory = "512MB";
const dataKilobytes = 2 * 1024 * 1024;
const waitingMax = 4;
let turn: Promise<unknown> = Promise.resolve();
let waiting = 0;

/**
 * Runs hand-written SQL as its viewer may see the facts: what it names is written out, narrowed, and read by a process
 * that has nothing else: no key, no environment, no file but these, bounded memory and time. One at a time.
 *
 * @throws Refusal `sql.refused`, `trail.timeout`, `trail.busy`.
 */
export async function runSql(
  engine: Duckdb,
  sql: string,
  viewer: Viewer,
  terms: SqlTerms,
): Promise<{ columns: Column[]; rows: Row[] }> {
  if (waiting >= waitingMax)
    throw new Refusal("trail.busy", "Other hand-written SQL is running.", { help: "Ask again in a minute." });
  waiting += 1;
  const mine = turn.then(() => alone(engine, sql, viewer, terms));
  turn = mine.catch(() => undefined);
  try {
    return await mine;
  } finally {
    waiting -= 1;
  }
}

async function alone(engine: Duckdb, sql: string, viewer: Viewer, terms: SqlTerms) {
  const folder = mkdtempSync(path.join(tmpdir(), "roletrail-sql-"));
  try {
    const { views, reads } = await writeOut(engine, sql, viewer, folder);
    return await ask({ sql, rowsMax: terms.rowsMax, memory, folder, reads, views }, terms);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Views = [name: string, select: string][];

/** The facts that the text names, as files of this viewer; events stay where they are, and are narrowed by a view. */
async function writeOut(engine: Duckdb, sql: string, viewer: Viewer, folder: string) {
  const connection = await engine.connect();
  try {
    const views: Views = [];
    const named = askable.filter((fact) => new RegExp(`\\b${fact}\\b`, "i").test(sql));
    const reads = named.includes("events") ? await offerEvents(connection, viewer, folder, views) : [];
    await limitTo(connection, viewer);
    for (const fact of named.filter((name) => name !== "events"))
      views.push([fact, await copied(connection, `select * from "${fact}"`, folder)]);
    return { views, reads };
  } finally {
    connection.close();
  }
}

async function copied(connection: Connection, select: string, folder: string): Promise<string> {
  const file = quoted(path.join(folder, `${newId("q")}.parquet`));
  await connection.run(`copy (${select}) to ${file} (format parquet)`);
  return `select * from read_parquet(${file})`;
}

/** The view of the events' own parts, under names that nobody can guess. */
async function offerEvents(connection: Connection, viewer: Viewer, folder: string, views: Views): Promise<string[]> {
  const [view] = await connection.rows(
    "select sql from duckdb_views() where view_name = 'events' and schema_name = 'main' and database_name = current_database() and not temporary",
  );
  const select = /^create view .*? as ([\s\S]*?);?\s*$/i.exec(String(view?.["sql"]))?.[1] ?? "";
  const folders = [...select.matchAll(/'([^']+)\/day=[^'/]+\/[^'/]+\.parquet'/g)].map(([, events = ""]) => events);
  const [all, hidden] = [newId("q"), newId("q")];
  if (folders.length === 0) views.push([all, await copied(connection, "select * from events", folder)]);
  else {
    views.push([hidden, await copied(connection, "select file, file_index from hidden", folder)]);
    views.push([all, select.replaceAll(/\bjoin hidden as\b/gi, `join "${hidden}" as`)]);
  }
  const rule = viewer.accounts === null ? "true" : ruleOf(viewer, "events", new Set(Object.keys(factColumns.events)));
  views.push(["events", `select * from "${all}" where ${rule}`]);
  return [...new Set(folders)];
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const Said = z.union([
  z.strictObject({
    columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
    rows: z.array(z.record(z.string(), z.unknown())),
  }),
  z.strictObject({ refused: z.string(), help: z.string().optional() }),
  z.strictObject({ failed: z.string() }),
]);

async function ask(job: object, { child, seconds }: SqlTerms): Promise<{ columns: Column[]; rows: Row[] }> {
  const { text, late } = await answerOf(job, child, seconds);
  if (late)
    throw new Refusal("trail.timeout", `The SQL took more than ${seconds} seconds and was stopped.`, {
      help: "Name a shorter time, one account or one role.",
    });
  const said = Said.safeParse(parsed(text));
  if (!said.success)
    throw new Refusal("sql.refused", "The SQL needed more memory than it may have, and was stopped.", {
      help: "Read fewer rows or columns at once.",
    });
  if ("refused" in said.data)
    throw new Refusal("sql.refused", said.data.refused, said.data.help === undefined ? {} : { help: said.data.help });
  if ("failed" in said.data)
    throw new Refusal("sql.refused", "The SQL did not run.", { help: said.data.failed.slice(0, 600) });
  return said.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Bytes of an answer that are taken; a longer one is as one that ran out of memory. */
const answerMax = 64 * 1024 * 1024;

function answerOf(job: object, child: string, seconds: number): Promise<{ text: string; late: boolean }> {
  const node = [process.execPath, "--max-old-space-size=512", child];
  // The kernel holds the line where DuckDB's own limit does not (a value of gigabytes): measured, it took the machine.
  const [command = "", ...args] =
    process.platform === "linux" ? ["/bin/sh", "-c", `ulimit -d ${dataKilobytes}; exec "$0" "$@"`, ...node] : node;
  return new Promise((resolve, reject) => {
    const running = spawn(command, args, { env: { NODE_ENV: "production" }, stdio: ["pipe", "pipe", "ignore"] });
    let late = false;
    let text = "";
    const timer = setTimeout(() => {
      late = true;
      running.kill("SIGKILL");
    }, seconds * 1_000);
    running.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (text.length > answerMax) running.kill("SIGKILL");
    });
    running.on("error", reject);
    running.on("close", () => {
      clearTimeout(timer);
      resolve({ text, late });
    });
    // A child that died early takes no more input.
    running.stdin.on("error", () => undefined).end(JSON.stringify(job));
  });
}
