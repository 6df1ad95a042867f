import { mkdirSync, rmSync, writeFileSync } from "node:fs";
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
  readonly #lines: string;
  readonly #connection: Connection;
  readonly close: () => void;
  readonly #buffer = new Lines(16 * 1024 * 1024);

  static async open(source: Source, folders: { events: string; staging: string }): Promise<Stage> {
    mkdirSync(folders.staging, { recursive: true, mode: 0o700 });
    mkdirSync(folders.events, { recursive: true, mode: 0o700 });
    // 80 MB is the least that keeps its speed (facts/engine.md §3).
    const engine = await openDuckdb({
      threads: 1,
      memory: "160MB",
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
    this.#lines = path.join(folders.staging, "lines.ndjson");
    this.#connection = connection;
    this.close = close;
  }

  async batch(batch: Batch): Promise<Staged> {
    const careful = new Set<string>();
    for (;;) {
      const attempt = await this.#attempt(batch, careful);
      rmSync(this.#lines, { force: true });
      if ("staged" in attempt) return attempt.staged;
      // A line that is no JSON came from the fast road: those files go the careful one, all others stay as they are.
      for (const key of attempt.doubtful) careful.add(key);
    }
  }

  async #attempt(
    batch: Batch,
    careful: ReadonlySet<string>,
  ): Promise<{ staged: Staged } | { doubtful: readonly string[] }> {
    this.#buffer.clear();
    const opened: Opened[] = [];
    for (const [number, key] of batch.keys.entries())
      opened.push(await openFile(this.#source, key, number, this.#buffer, careful.has(key)));
    writeFileSync(this.#lines, this.#buffer.bytes(), { mode: 0o600 });
    const parts = await this.#write(batch, opened);
    const loaded = await this.#loaded(parts, opened.length);
    const short = opened.filter((file, number) => (loaded[number] ?? 0) < file.lines);
    if (short.length === 0) return { staged: this.#staged(batch, parts, opened, loaded) };
    const doubtful = short.filter((file) => file.isFast).map((file) => file.key);
    if (doubtful.length > 0 && (await this.#hasDamagedLines())) {
      for (const part of parts) rmSync(path.join(this.#events, part.path), { force: true });
      return { doubtful };
    }
    for (const file of short) await this.#explain(file);
    return { staged: this.#staged(batch, parts, opened, loaded) };
  }

  async #write(batch: Batch, opened: readonly Opened[]): Promise<Part[]> {
    const list = opened.map((file) => `(${file.number}, ${quoted(file.key)})`).join(", ");
    await this.#connection.run(`create or replace temp table batch_files as from (values ${list}) as t(number, file)`);
    if (opened.every((file) => file.lines === 0)) return [];
    const select = layOut.replace("$lines", quoted(this.#lines));
    const written = await this.#connection.rows(
      `copy (${select}) to ${quoted(this.#events)} (format parquet, compression zstd, partition_by (day),
         filename_pattern ${quoted(`${batch.id}_{i}`)}, overwrite_or_ignore true, return_stats true)`,
    );
    return written.map((row) => {
      const file = path.relative(this.#events, String(row["filename"]));
      return { path: file.split(path.sep).join("/"), day: file.slice("day=".length, 14), rows: Number(row["count"]) };
    });
  }

  /** Records loaded, by number of file. Read back from what was written: what counts is what a question will see. */
  async #loaded(parts: readonly Part[], files: number): Promise<number[]> {
    const counts = new Array<number>(files).fill(0);
    if (parts.length === 0) return counts;
    const paths = parts.map((part) => quoted(path.join(this.#events, part.path))).join(", ");
    const rows = await this.#connection.rows(
      `select f.number, count(*) as records from read_parquet([${paths}], hive_partitioning = false) as e
       join batch_files as f on f.file = e.file group by f.number`,
    );
    for (const row of rows) counts[Number(row["number"])] = Number(row["records"]);
    return counts;
  }

  async #hasDamagedLines(): Promise<boolean> {
    const rows = await this.#connection.rows(`select 1 as x from ${this.#plain()} where _f is null limit 1`);
    return rows.length > 0;
  }

  async #explain(file: Opened): Promise<void> {
    const rows = await this.#connection.rows(
      `select case when text(eventID) is null or eventID like '{%' or eventID like '[%' then 'no eventID' else 'no time' end as reason,
         count(*) as records
       from ${this.#plain()}
       where _f = ${file.number} and (text(eventID) is null or eventID like '{%' or eventID like '[%' or time_of(eventTime) is null)
       group by 1`,
    );
    for (const row of rows) file.reject(String(row["reason"]), Number(row["records"]));
  }

  #plain(): string {
    return `read_json(${quoted(this.#lines)}, format = 'newline_delimited', ignore_errors = true,
      columns = {_f: 'INTEGER', _i: 'INTEGER', eventID: 'VARCHAR', eventTime: 'VARCHAR'})`;
  }

  #staged(batch: Batch, parts: readonly Part[], opened: readonly Opened[], loaded: readonly number[]): Staged {
    return { batch: batch.id, parts, files: opened.map((file) => file.staged(loaded[file.number] ?? 0)) };
  }
}

/** A text literal of SQL. For names of our own making and file keys; values of questions are always parameters. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
