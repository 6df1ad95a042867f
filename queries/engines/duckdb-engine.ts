import { Refusal } from "#/core/refusal.ts";
import { placeholders } from "../placeholders.ts";
import { limitsOf, limitTo, type Viewer } from "../viewer.ts";
import type { Connection, Duckdb } from "./duckdb.ts";
import { type Answered, type AnsweredSql, type Engine, type Statement, sqlRowsMax, sqlSeconds } from "./engine.ts";
import { builtSqlChild, runSql } from "./sql-desk.ts";

/** The trail as the embedded engine has it, and a number that changes with its content. */
export interface EmbeddedTrail {
  readonly engine: Duckdb;
  readonly watermark: () => number;
  /** What a question could read at most, in bytes: the facts, and the events' parts. */
  readonly bytes: () => { readonly facts: number; readonly events: number };
  /** The bundle that runs hand-written SQL; beside this process's own by default. */
  readonly sqlChild?: string;
}

const atOnceMax = 4;
const limitsKeptMax = 50;

/** Questions on the embedded engine, so many at once, each on a connection of its viewer's limits. */
export class DuckdbEngine implements Engine {
  readonly #trail: EmbeddedTrail;
  readonly #idle = new Map<string, Connection[]>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #endedAt = Number.NEGATIVE_INFINITY;
  readonly roundsTo = 1;

  constructor(trail: EmbeddedTrail) {
    this.#trail = trail;
  }

  watermark(): Promise<string> {
    return Promise.resolve(String(this.#trail.watermark()));
  }

  async run(statement: Statement, signal?: AbortSignal): Promise<Answered> {
    await this.#turn();
    try {
      const rows = await this.#withConnection(statement.viewer, (connection) => rowsOf(connection, statement, signal));
      const { facts, events } = this.#trail.bytes();
      const bytes = /\bevents\b/.test(statement.sql) ? facts + events : facts;
      return { rows, cost: { bytes, dollars: 0, query_id: null } };
    } finally {
      this.#running -= 1;
      this.#endedAt = performance.now();
      this.#waiting.shift()?.();
    }
  }

  /** For how long nobody has asked anything, in milliseconds. */
  quietFor(): number {
    return this.#running > 0 ? 0 : performance.now() - this.#endedAt;
  }

  async sql(text: string, viewer: Viewer): Promise<AnsweredSql> {
    const child = this.#trail.sqlChild ?? builtSqlChild();
    if (child === null) throw new Error("Hand-written SQL needs its built process: node tools/build.mjs processes.");
    const terms = { child, rowsMax: sqlRowsMax + 1, seconds: sqlSeconds };
    const { columns, rows } = await runSql(this.#trail.engine, text, viewer, terms);
    const { facts, events } = this.#trail.bytes();
    return { columns, rows, cost: { bytes: facts + events, dollars: 0, query_id: null } };
  }

  async #turn(): Promise<void> {
    if (this.#running >= atOnceMax) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
  }

  /** Connections serve one set of limits, and none is used again after something went wrong on it. */
  async #withConnection<T>(viewer: Viewer, use: (connection: Connection) => Promise<T>): Promise<T> {
    const limits = limitsOf(viewer);
    const connection = this.#idle.get(limits)?.pop() ?? (await this.#connect(viewer));
    try {
      const result = await use(connection);
      // As it stands now: others came back meanwhile. No more run at once than are kept of one viewer's limits.
      const idle = this.#idle.get(limits) ?? [];
      if (idle.length === 0 && this.#idle.size >= limitsKeptMax && !this.#idle.has(limits)) connection.close();
      else this.#idle.set(limits, [...idle, connection]);
      return result;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async #connect(viewer: Viewer): Promise<Connection> {
    const connection = await this.#trail.engine.connect();
    await limitTo(connection, viewer);
    return connection;
  }
}

async function rowsOf(connection: Connection, statement: Statement, signal?: AbortSignal): Promise<Answered["rows"]> {
  const { text, found } = placeholders(statement.sql, (name) => `$${name}`);
  const sql = statement.rowsMax === null ? text : `select * from (${text}\n) limit ${statement.rowsMax}`;
  const bound = Object.fromEntries([...new Set(found)].map((name) => [name, statement.params[name] ?? null]));
  return stoppable(connection, statement.seconds, signal, () => connection.rowsOfKept(sql, bound));
}

async function stoppable<T>(
  connection: Connection,
  seconds: number,
  signal: AbortSignal | undefined,
  run: () => Promise<T>,
): Promise<T> {
  const late = AbortSignal.timeout(seconds * 1_000);
  const stops = signal === undefined ? [late] : [late, signal];
  const interrupt = (): void => connection.interrupt();
  signal?.throwIfAborted();
  for (const stop of stops) stop.addEventListener("abort", interrupt);
  try {
    return await run();
  } catch (error) {
    signal?.throwIfAborted();
    if (!late.aborted) throw error;
    throw new Refusal("trail.timeout", `The question took more than ${seconds} seconds and was stopped.`, {
      help: "Choose a shorter time, one account or one role.",
    });
  } finally {
    for (const stop of stops) stop.removeEventListener("abort", interrupt);
  }
}
