import type { SpentCost } from "#/core/refusal.ts";
import type { Viewer } from "../viewer.ts";
import type { Params, Row } from "./duckdb.ts";

/** What both engines promise: a question's text, its values and its viewer in; plain rows and their price out. */
export interface Engine {
  /** Another text as soon as the facts might answer otherwise; part of every cache key. */
  watermark(): Promise<string>;
  /** Window edges that nobody named are rounded to this many milliseconds, so that equal questions are equal texts. */
  readonly roundsTo: number;
  /**
   * Rows as objects of JSON values: times ISO, numbers as numbers, absent null.
   * @throws Refusal `trail.timeout`, `trail.cut-off`, `trail.busy`, each with its cost where there is one.
   */
  run(statement: Statement, signal?: AbortSignal): Promise<Answered>;
  /**
   * Hand-written SQL over the facts as this viewer may see them; at most `sqlRowsMax` + 1 rows come.
   * @throws Refusal `sql.refused`, and as `run`.
   */
  sql(text: string, viewer: Viewer): Promise<AnsweredSql>;
}

export interface Statement {
  /** Trino's dialect, values as `:name` (queries/placeholders.ts). */
  readonly sql: string;
  /** Times as `2026-11-21 09:30:00`, which the statement casts. A name that is missing is null. */
  readonly params: Params;
  /** Rows that may come at most; null is all. */
  readonly rowsMax: number | null;
  readonly seconds: number;
  readonly viewer: Viewer;
}

export interface Answered {
  readonly rows: Row[];
  /** DuckDB's bytes are what it could have read at most; Athena's are what AWS counted. */
  readonly cost: SpentCost;
}

export interface AnsweredSql extends Answered {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Rows of hand-written SQL; more is a refusal. */
export const sqlRowsMax = 10_000;
/** Less than the ask function's own 60. */
export const sqlSeconds = 50;
