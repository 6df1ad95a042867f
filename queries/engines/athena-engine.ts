import { Refusal } from "#/core/refusal.ts";
import type { Viewer } from "../viewer.ts";
import type { Asker } from "./athena.ts";
import { athenaSql, athenaText } from "./athena-text.ts";
import { type Answered, type AnsweredSql, type Engine, type Statement, sqlRowsMax, sqlSeconds } from "./engine.ts";

const hour = 3_600_000;
/** A kept result is of the very same facts: the watermark is in its text. The limit is for a text that AWS normalises. */
const reuseMinutes = 60;
const watermarkSeconds = 30;
/** A whole answer may take a laptop minutes; here the ask function ends after one, and web's distribution waits no longer. */
const secondsMax = 50;

/** Questions on Athena over the Iceberg facts. */
export class AthenaEngine implements Engine {
  readonly #athena: Asker;
  readonly #now: () => Date;
  readonly #adhoc: Asker | null;
  #watermark: { readonly at: number; readonly text: Promise<string> } | null = null;
  readonly roundsTo = hour;

  /** @param adhoc Athena as hand-written SQL is asked: a workgroup and a role of its own; null where there is none. */
  constructor(athena: Asker, now: () => Date, adhoc: Asker | null = null) {
    this.#athena = athena;
    this.#adhoc = adhoc;
    this.#now = now;
  }

  /** The last finished run of the facts function; looked up every minute at most, for each look has a price. */
  watermark(): Promise<string> {
    const at = this.#now().getTime();
    if (this.#watermark !== null && at - this.#watermark.at < 2 * watermarkSeconds * 1_000) return this.#watermark.text;
    const text = this.#lastRun();
    this.#watermark = { at, text };
    text.catch(() => {
      this.#watermark = null;
    });
    return text;
  }

  async run(statement: Statement, signal?: AbortSignal): Promise<Answered> {
    const { sql, values } = athenaText(statement, this.#athena.database, await this.watermark());
    const seconds = Math.min(statement.seconds, secondsMax);
    const { rows, cost } = await this.#athena.query({ sql, values, seconds, reuseMinutes }, signal);
    return { rows, cost };
  }

  /**
   * Athena has no views of one viewer, and no parser of ours reads its dialect: only who sees everything writes SQL here,
   * as a role that can do nothing but read the facts.
   */
  async sql(text: string, viewer: Viewer): Promise<AnsweredSql> {
    if (this.#adhoc === null)
      throw new Refusal("sql.refused", "This deployment runs no hand-written SQL.", {
        help: "See docs/sql.md: it needs the workgroup and the role adhoc.",
      });
    if (viewer.accounts !== null)
      throw new Refusal("sql.refused", "On Athena, hand-written SQL is for who sees every account.", {
        help: "Ask who keeps the access file for see-all, and ask-sql for every account; the questions are narrowed to you.",
      });
    const sql = athenaSql(text, sqlRowsMax + 1);
    const { rows, columns = [], cost } = await this.#adhoc.query({ sql, seconds: sqlSeconds });
    return { rows, columns, cost };
  }

  async #lastRun(): Promise<string> {
    const { rows } = await this.#athena.query({
      sql: "select cast(max(run_at) as varchar) as run_at from runs",
      seconds: watermarkSeconds,
    });
    const run = rows[0]?.["run_at"];
    return typeof run === "string" ? run.replace(" ", "T") : "nothing";
  }
}
