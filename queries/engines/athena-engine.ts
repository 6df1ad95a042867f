import type { Asker } from "./athena.ts";
import { athenaText } from "./athena-text.ts";
import type { Answered, Engine, Statement } from "./engine.ts";

const hour = 3_600_000;
/** A kept result is of the very same facts: the watermark is in its text. The limit is for a text that AWS normalises. */
const reuseMinutes = 60;
const watermarkSeconds = 30;

/** Questions on Athena over the Iceberg facts. */
export class AthenaEngine implements Engine {
  readonly #athena: Asker;
  readonly #now: () => Date;
  #watermark: { readonly at: number; readonly text: Promise<string> } | null = null;
  readonly roundsTo = hour;

  constructor(athena: Asker, now: () => Date) {
    this.#athena = athena;
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
    const { seconds } = statement;
    const { rows, cost } = await this.#athena.query({ sql, values, seconds, reuseMinutes }, signal);
    return { rows, cost };
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
