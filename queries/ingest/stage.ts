import { mkdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { type Connection, openDuckdb } from "../engines/duckdb.ts";
import macros from "../engines/duckdb-macros.sql";
import layOut from "../engines/duckdb-stage.sql";
import endings from "../engines/duckdb-stage-endings.sql";
import stageMacros from "../engines/duckdb-stage-macros.sql";
import { stages } from "../engines/stages.ts";
import recordsOf from "../facts/records.sql";
import type { Source } from "../sources/source.ts";
import { Lines } from "./lines.ts";
import { type Opened, openFile } from "./open.ts";

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
  /**
   * Files with the rows of `records` that these parts lead to, duplicates too; whoever enters the parts deletes them.
   * Null when none were asked for.
   */
  readonly records: readonly string[] | null;
  readonly files: readonly StagedFile[];
}

export interface StageFolders {
  readonly events: string;
  readonly staging: string;
}

interface StageParts {
  readonly source: Source;
  readonly folders: StageFolders;
  readonly lines: Lines;
  readonly connection: Connection;
  readonly close: () => void;
}

/** Turns batches of files into Parquet parts by day, with an engine of its own. Whoever holds one runs one at a time. */
export class Stage {
  readonly #source: Source;
  readonly #events: string;
  readonly #staging: string;
  readonly #lines: Lines;
  readonly #connection: Connection;
  readonly close: () => void;

  static async open(source: Source, folders: StageFolders, makesRecords: boolean): Promise<Stage> {
    mkdirSync(folders.staging, { recursive: true, mode: 0o700 });
    mkdirSync(folders.events, { recursive: true, mode: 0o700 });
    const engine = await openDuckdb({
      threads: 1,
      memory: "150MB",
      temporary: folders.staging,
      macros: makesRecords ? macros + stageMacros : stageMacros,
      keepsOrder: false,
    });
    const connection = await engine.connect();
    // What is read out of JSON has no size before it is read, and must never be what a join keeps in memory.
    await connection.run("set disabled_optimizers = 'join_order,build_side_probe_side'");
    const lines = new Lines(path.join(folders.staging, "lines"), makesRecords);
    return new Stage({ source, folders, lines, connection, close: () => engine.close() });
  }

  private constructor({ source, folders, lines, connection, close }: StageParts) {
    this.#source = source;
    this.#events = folders.events;
    this.#staging = folders.staging;
    this.#lines = lines;
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
    const fast = opened.filter((file) => file.isFast).map((file) => file.key);
    await this.#readPieces(opened);
    if (fast.length > 0 && (await this.#hasDamagedPieces())) return { doubtful: fast };
    const parts = await this.#write(batch);
    const loaded = await this.#loaded(opened, parts);
    const short = opened.filter((file, number) => (loaded[number] ?? 0) < file.lines);
    const doubtful = short.map((file) => file.key).filter((key) => fast.includes(key));
    if (doubtful.length > 0 && (await this.#hasDamagedLines())) {
      for (const part of parts) this.#discard(part);
      return { doubtful };
    }
    for (const file of short) await this.#explain(file);
    const records = await this.#writeRecords(batch);
    this.#lines.discard();
    const files = opened.map((file) => file.staged(loaded[file.number] ?? 0));
    return { staged: { batch: batch.id, parts, records, files } };
  }

  /** What many records of the batch share. */
  async #readPieces(opened: readonly Opened[]): Promise<void> {
    const list = opened.map((file) => `(${file.number}, ${quoted(file.key)})`).join(", ");
    await this.#connection.run(`
      create or replace temp table batch_files as from (values ${list}) as t(number, file);
      ${this.#reading(stages.duckdbCallers)};
      ${this.#reading(endings)};`);
  }

  /** A piece that many records repeat is one line: unread, it would cost all of them. */
  async #hasDamagedPieces(): Promise<boolean> {
    const [read] = await this.#connection.rows(`select
      (select count(*) from batch_callers) as callers, (select count(*) from batch_endings where number >= 0) as endings`);
    return (
      Number(read?.["callers"]) < this.#lines.callers.count || Number(read?.["endings"]) < this.#lines.endings.count
    );
  }

  /** One part a day. What is counted is what the engine says it wrote. */
  async #write(batch: Batch): Promise<Part[]> {
    const parts: Part[] = [];
    for (const [day, file] of this.#lines.days) {
      const part = await this.#writeDay(batch, day, this.#reading(layOut, file.path), "");
      if (part !== null) parts.push(part);
    }
    return [...parts, ...(await this.#writeOthers(batch))];
  }

  /** Of any day: in memory first, as the engine's own partitioned write costs thrice that. */
  async #writeOthers(batch: Batch): Promise<Part[]> {
    const { path: lines } = this.#lines.others;
    if (statSync(lines).size === 0) return [];
    await this.#connection.run(`create or replace temp table staged as ${this.#reading(layOut, lines)}`);
    const days = await this.#connection.rows("select distinct cast(day as varchar) as day from staged order by 1");
    const parts: Part[] = [];
    for (const day of days.map((row) => String(row["day"]))) {
      const part = await this.#writeDay(batch, day, `select * from staged where day = date ${quoted(day)}`, "_others");
      if (part !== null) parts.push(part);
    }
    await this.#connection.run("drop table staged");
    return parts;
  }

  async #writeDay(batch: Batch, day: string, rows: string, suffix: string): Promise<Part | null> {
    const part = `day=${day}/${batch.id}${suffix}.parquet`;
    mkdirSync(path.join(this.#events, `day=${day}`), { recursive: true, mode: 0o700 });
    const [written] = await this.#connection.rows(
      `copy (select * exclude (day) from (${rows})) to ${quoted(path.join(this.#events, part))} (${parquet})`,
    );
    const count = Number(written?.["Count"]);
    if (count > 0) return { path: part, day, rows: count };
    this.#discard({ path: part });
    return null;
  }

  /** The first facts of each record, while its batch is at hand: in all events they would be looked for again. */
  async #writeRecords(batch: Batch): Promise<string[] | null> {
    if (this.#lines.issuing === null) return null;
    const { path: lines } = this.#lines.issuing;
    if (statSync(lines).size === 0) return [];
    const target = path.join(this.#staging, `${batch.id}.records.parquet`);
    await this.#connection.run(`
      create or replace temp table day_events as ${this.#reading(layOut, lines)}`);
    await this.#connection.run(`
      copy (${recordsOf}) to ${quoted(target)} (${parquet});
      drop table day_events`);
    return [target];
  }

  #discard(part: { readonly path: string }): void {
    rmSync(path.join(this.#events, part.path), { force: true });
  }

  /** Records in the parts, by number of file. @throws Error when one lies under another day than its own. */
  async #loaded(opened: readonly Opened[], parts: readonly Part[]): Promise<number[]> {
    if (parts.length === 0) return opened.map(() => 0);
    const list = parts.map((part) => quoted(path.join(this.#events, part.path))).join(", ");
    const rows = await this.#connection.rows(
      `select file, count(*) as records, count_if(cast(happened_at as date) <> day) as misplaced
       from read_parquet([${list}], hive_partitioning = true, hive_types = {'day': date}) group by file`,
    );
    const misplaced = rows.reduce((sum, row) => sum + Number(row["misplaced"]), 0);
    if (misplaced > 0) throw new Error(`${misplaced} records were written under another day than theirs`);
    const counts = new Map(rows.map((row) => [String(row["file"]), Number(row["records"])]));
    return opened.map((file) => counts.get(file.key) ?? 0);
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

  /** The statement over this batch's lines, all or a file of them. The engine takes two buffers of the longest line. */
  #reading(sql: string, records?: string): string {
    const longest = Math.max(this.#lines.longest, 512 * 1024);
    const lines = records === undefined ? this.#lines.files.map((file) => file.path) : [records];
    return sql
      .replace("$records", () => `[${lines.map(quoted).join(", ")}]`)
      .replace("$callers", () => quoted(this.#lines.callers.path))
      .replace("$endings", () => quoted(this.#lines.endings.path))
      .replace("$longest", String(longest));
  }
}

const plain = `read_json($records, format = 'newline_delimited', ignore_errors = true, maximum_object_size = $longest,
  columns = {_f: 'INTEGER', _i: 'INTEGER', eventID: 'VARCHAR', eventTime: 'VARCHAR'})`;

/** Level 1 writes a quarter faster than the default 3 and as small (docs/decisions/0134). */
const parquet = "format parquet, compression zstd, compression_level 1";

/** A text literal of SQL. For names of our own making and file keys; values of questions are always parameters. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
