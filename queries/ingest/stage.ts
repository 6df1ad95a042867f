import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import { inTurn } from "#/core/in-turn.ts";
import { type Connection, type Duckdb, openDuckdb } from "../engines/duckdb.ts";
import macros from "../engines/duckdb-stage-macros.sql";
import { stages } from "../engines/stages.ts";
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
  readonly files: readonly StagedFile[];
}

export interface StageFolders {
  readonly events: string;
  readonly staging: string;
}

/** The engine of a process that stages: batches beside each other share its memory, and each has a thread of its own. */
export function openStageEngine(folders: StageFolders, lanes: number): Promise<Duckdb> {
  mkdirSync(folders.staging, { recursive: true, mode: 0o700 });
  mkdirSync(folders.events, { recursive: true, mode: 0o700 });
  return openDuckdb({ threads: 1, memory: `${lanes * 150}MB`, temporary: folders.staging, macros, keepsOrder: false });
}

interface StageParts {
  readonly source: Source;
  readonly folders: StageFolders;
  readonly engine: Duckdb;
  /** Names its files of lines, where several stages share the folders. */
  readonly lane?: number;
}

/** Turns batches of files into Parquet parts by day. Whoever holds one runs one batch at a time. */
export class Stage {
  readonly #source: Source;
  readonly #events: string;
  readonly #lines: Lines;
  readonly #connection: Connection;

  static async open(parts: StageParts): Promise<Stage> {
    const connection = await parts.engine.connect();
    // What is read out of JSON has no size before it is read, and must never be what the join keeps in memory.
    await connection.run("set disabled_optimizers = 'join_order,build_side_probe_side'");
    return new Stage(parts, connection);
  }

  private constructor({ source, folders, lane = 0 }: StageParts, connection: Connection) {
    this.#source = source;
    this.#events = folders.events;
    this.#lines = new Lines(path.join(folders.staging, `lines-${lane}`));
    this.#connection = connection;
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
    const opened = await unpacking(() => this.#open(batch.keys, careful));
    try {
      const list = opened.map((file) => `(${file.number}, ${quoted(file.key)})`).join(", ");
      await this.#connection.run(
        `create or replace temp table batch_files as from (values ${list}) as t(number, file)`,
      );
      const parts = await this.#write(batch);
      const loaded = await this.#loaded(opened, parts);
      const short = opened.filter((file, number) => (loaded[number] ?? 0) < file.lines);
      const doubtful = short.filter((file) => file.isFast).map((file) => file.key);
      if (doubtful.length > 0 && (await this.#hasDoubtfulLines())) {
        for (const part of parts) this.#discard(part);
        return { doubtful };
      }
      for (const file of short) await this.#explain(file);
      return { staged: { batch: batch.id, parts, files: opened.map((file) => file.staged(loaded[file.number] ?? 0)) } };
    } finally {
      this.#lines.discard();
    }
  }

  async #open(keys: readonly string[], careful: ReadonlySet<string>): Promise<Opened[]> {
    const opened: Opened[] = [];
    const reads: Promise<Buffer>[] = [];
    try {
      for (const [number, key] of keys.entries()) {
        for (const next of keys.slice(number + reads.length, number + readsAhead)) reads.push(this.#read(next));
        const read = reads.shift() ?? this.#read(key);
        opened.push(await openFile(read, { key, number, isCareful: careful.has(key) }, this.#lines));
        // The batch beside this one may be waiting for its next statement.
        await setImmediate();
      }
    } finally {
      this.#lines.end();
    }
    return opened;
  }

  #read(key: string): Promise<Buffer> {
    const read = this.#source.read(key);
    // Whoever awaits it hears of it; nobody may, when another file ends the batch.
    read.catch(() => undefined);
    return read;
  }

  /** One part a day. What is counted is what the engine says it wrote. */
  async #write(batch: Batch): Promise<Part[]> {
    const parts: Part[] = [];
    for (const [day, file] of this.#lines.days) {
      const rows = `select * from (${this.#reading(stages.duckdb, [file])}) where day = date ${quoted(day)}`;
      const part = await this.#writeDay(batch, day, rows, "");
      if (part !== null) parts.push(part);
    }
    return [...parts, ...(await this.#writeOthers(batch))];
  }

  /** Of any day: in memory first, as the engine's own partitioned write costs thrice that. */
  async #writeOthers(batch: Batch): Promise<Part[]> {
    const { others } = this.#lines;
    if (others.length === 0) return [];
    await this.#connection.run(`create or replace temp table staged as ${this.#reading(stages.duckdb, others)}`);
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

  #discard(part: { readonly path: string }): void {
    rmSync(path.join(this.#events, part.path), { force: true });
  }

  /** Records in the parts, by number of file. They are counted by file only where something is missing. */
  async #loaded(opened: readonly Opened[], parts: readonly Part[]): Promise<number[]> {
    const lines = opened.reduce((sum, file) => sum + file.lines, 0);
    if (parts.reduce((sum, part) => sum + part.rows, 0) === lines) return opened.map((file) => file.lines);
    if (parts.length === 0) return opened.map(() => 0);
    const list = parts.map((part) => quoted(path.join(this.#events, part.path))).join(", ");
    const rows = await this.#connection.rows(
      `select file, count(*) as records from read_parquet([${list}], hive_partitioning = false) group by file`,
    );
    const counts = new Map(rows.map((row) => [String(row["file"]), Number(row["records"])]));
    return opened.map((file) => counts.get(file.key) ?? 0);
  }

  /** Some line is no JSON, or lies among those of another day. */
  async #hasDoubtfulLines(): Promise<boolean> {
    const { days, others } = this.#lines;
    const found = [...days].map(
      ([day, file]) =>
        `select 1 as x from ${this.#reading(plain, [file])} where _f is null or cast(time_of(eventTime) as date) <> date ${quoted(day)}`,
    );
    if (others.length > 0) found.push(`select 1 as x from ${this.#reading(plain, others)} where _f is null`);
    return (await this.#connection.rows(`${found.join(" union all ")} limit 1`)).length > 0;
  }

  async #explain(file: Opened): Promise<void> {
    const rows = await this.#connection.rows(
      `select case when text(eventID) is null or eventID like '{%' or eventID like '[%' then 'no eventID' else 'no time' end as reason,
         count(*) as records
       from ${this.#reading(plain, [...this.#lines.days.values(), ...this.#lines.others])}
       where _f = ${file.number} and (text(eventID) is null or eventID like '{%' or eventID like '[%' or time_of(eventTime) is null)
       group by 1`,
    );
    for (const row of rows) file.reject(String(row["reason"]), Number(row["records"]));
  }

  /** The statement over files of lines. The engine takes two buffers of the longest line. */
  #reading(sql: string, files: readonly string[]): string {
    return sql
      .replace("$records", () => `[${files.map(quoted).join(", ")}]`)
      .replace("$longest", String(Math.max(this.#lines.longest, 512 * 1024)));
  }
}

/** Files asked for at once: a bucket takes some 20 ms for each. */
const readsAhead = 8;

/** A process has one thread to unpack with: of batches beside each other one is unpacked while the engine has the others. */
const unpacking = inTurn();

const plain = `read_json($records, format = 'newline_delimited', ignore_errors = true, maximum_object_size = $longest,
  columns = {_f: 'INTEGER', _i: 'INTEGER', eventID: 'VARCHAR', eventTime: 'VARCHAR'})`;

/** Level 1 writes a quarter faster than the default 3 and as small (docs/decisions/0134). */
const parquet = "format parquet, compression zstd, compression_level 1";

/** A text literal of SQL. For names of our own making and file keys; values of questions are always parameters. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
