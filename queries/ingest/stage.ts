import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { type Connection, openDuckdb } from "../engines/duckdb.ts";
import layOut from "../engines/duckdb-stage.sql";
import stageMacros from "../engines/duckdb-stage-macros.sql";
import type { Source } from "../sources/source.ts";
import { type Opened, openFile } from "./open.ts";
import { Lines } from "./split.ts";

export interface Batch {
  readonly id: string;
  readonly keys: readonly string[];
}

export interface StagedFile {
  readonly key: string;
  readonly state: "loaded" | "unreadable" | "empty";
  /** Why it is unreadable, or which of its records were rejected and why. */
  readonly reason: string | null;
  readonly records: number;
  readonly rejected: number;
}

export interface Part {
  /** Inside the events folder: `day=2026-11-21/<batch>_0.parquet`. */
  readonly path: string;
  readonly day: string;
  readonly rows: number;
}

export interface Staged {
  readonly batch: string;
  readonly parts: readonly Part[];
  readonly files: readonly StagedFile[];
}

/** Turns batches of files into Parquet parts by day, with an engine of its own. Whoever holds one runs one at a time. */
export class Stage {
  readonly #source: Source;
  readonly #events: string;
  readonly #file: string;
  readonly #lines: Lines;
  readonly #connection: Connection;
  readonly close: () => void;

  static async open(source: Source, folders: { events: string; staging: string }): Promise<Stage> {
    mkdirSync(folders.staging, { recursive: true, mode: 0o700 });
    mkdirSync(folders.events, { recursive: true, mode: 0o700 });
    const engine = await openDuckdb({
      threads: 1,
      memory: "112MB",
      temporary: folders.staging,
      macros: stageMacros,
      keepsOrder: false,
    });
    return new Stage(source, folders, await engine.connect(), () => engine.close());
  }

  private constructor(
    source: Source,
    folders: { events: string; staging: string },
    connection: Connection,
    close: () => void,
  ) {
    this.#source = source;
    this.#events = folders.events;
    this.#file = path.join(folders.staging, "lines.ndjson");
    this.#lines = new Lines(this.#file);
    this.#connection = connection;
    this.close = close;
  }

  async batch(batch: Batch): Promise<Staged> {
    const careful = new Set<string>();
    for (;;) {
      const attempt = await this.#attempt(batch, careful);
      if ("staged" in attempt) return attempt.staged;
      // A line that is no JSON came from the fast road: those files go the careful one, all others stay as they are.
      for (const key of attempt.doubtful) careful.add(key);
    }
  }

  async #attempt(
    batch: Batch,
    careful: ReadonlySet<string>,
  ): Promise<{ staged: Staged } | { doubtful: readonly string[] }> {
    const opened: Opened[] = [];
    this.#lines.start();
    try {
      for (const [number, key] of batch.keys.entries())
        opened.push(await openFile(this.#source, key, number, this.#lines, careful.has(key)));
    } finally {
      this.#lines.end();
    }
    await this.#layOut(opened);
    const loaded = await this.#loaded(opened);
    const short = opened.filter((file, number) => (loaded[number] ?? 0) < file.lines);
    const doubtful = short.filter((file) => file.isFast).map((file) => file.key);
    if (doubtful.length > 0 && (await this.#hasDamagedLines())) return { doubtful };
    for (const file of short) await this.#explain(file);
    rmSync(this.#file, { force: true });
    const parts = await this.#write(batch);
    const files = opened.map((file) => file.staged(loaded[file.number] ?? 0));
    return { staged: { batch: batch.id, parts, files } };
  }

  /** Fills `staged`: each line as an event. In memory first, as the engine's own partitioned write costs thrice that. */
  async #layOut(opened: readonly Opened[]): Promise<void> {
    const list = opened.map((file) => `(${file.number}, ${quoted(file.key)})`).join(", ");
    await this.#connection.run(`
      create or replace temp table batch_files as from (values ${list}) as t(number, file);
      drop table if exists staged;
      create temp table staged as ${this.#reading(layOut)}`);
  }

  /** Records loaded, by number of file. */
  async #loaded(opened: readonly Opened[]): Promise<number[]> {
    const rows = await this.#connection.rows("select file, count(*) as records from staged group by file");
    const counts = new Map(rows.map((row) => [String(row["file"]), Number(row["records"])]));
    return opened.map((file) => counts.get(file.key) ?? 0);
  }

  /** One part a day. What is counted is what the engine says it wrote. */
  async #write(batch: Batch): Promise<Part[]> {
    const days = await this.#connection.rows("select distinct cast(day as varchar) as day from staged order by 1");
    const parts: Part[] = [];
    for (const day of days.map((row) => String(row["day"]))) {
      const part = `day=${day}/${batch.id}.parquet`;
      mkdirSync(path.join(this.#events, `day=${day}`), { recursive: true, mode: 0o700 });
      const [written] = await this.#connection.rows(
        `copy (select * exclude (day) from staged where day = date ${quoted(day)})
         to ${quoted(path.join(this.#events, part))} (${parquet})`,
      );
      parts.push({ path: part, day, rows: Number(written?.["Count"]) });
    }
    await this.#connection.run("drop table staged");
    return parts;
  }

  async #hasDamagedLines(): Promise<boolean> {
    const rows = await this.#connection.rows(`select 1 as x from ${this.#reading(plain)} where _f is null limit 1`);
    return rows.length > 0;
  }

  async #explain(file: Opened): Promise<void> {
    const rows = await this.#connection.rows(
      `select case when text(eventID) is null or eventID like '{%' or eventID like '[%' then 'no eventID' else 'no time' end as reason,
         count(*) as records
       from ${this.#reading(plain)}
       where _f = ${file.number} and (text(eventID) is null or eventID like '{%' or eventID like '[%' or time_of(eventTime) is null)
       group by 1`,
    );
    for (const row of rows) file.reject(String(row["reason"]), Number(row["records"]));
  }

  /** The statement over this batch's lines. The engine takes two buffers of its longest object: as large as needed. */
  #reading(sql: string): string {
    const longest = Math.max(this.#lines.longest, 512 * 1024);
    return sql.replace("$lines", () => quoted(this.#file)).replace("$longest", String(longest));
  }
}

const plain = `read_json($lines, format = 'newline_delimited', ignore_errors = true, maximum_object_size = $longest,
  columns = {_f: 'INTEGER', _i: 'INTEGER', eventID: 'VARCHAR', eventTime: 'VARCHAR'})`;

/** Level 1 writes a quarter faster than the default 3 and as small (docs/decisions/0134). */
const parquet = "format parquet, compression zstd, compression_level 1";

/** A text literal of SQL. For names of our own making and file keys; values of questions are always parameters. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
