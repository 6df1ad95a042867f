import {
  type DuckDBConnection,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListValue,
  type DuckDBMaterializedResult,
  type DuckDBPreparedStatement,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from "@duckdb/node-api";
import macros from "./duckdb-macros.sql";

export interface OpenOptions {
  /** A database file, or `:memory:`. One process, one instance of a file (facts/engine.md §5). */
  readonly file?: string;
  readonly threads?: number;
  /** As DuckDB writes it, `512MB`. */
  readonly memory?: string;
  /** Where it spills; its own default is beside the file. */
  readonly temporary?: string;
  readonly keepsOrder?: boolean;
  /** What is taught instead of Trino's words. */
  readonly macros?: string;
}

/** The embedded engine: one instance, a connection a question. Trino's missing words are taught as macros. */
export async function openDuckdb(options: OpenOptions = {}): Promise<Duckdb> {
  const instance = await DuckDBInstance.create(":memory:", {
    // Nothing is ever downloaded at run time: what the product needs is in the npm bundle.
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    // A question's own order is kept through the panel's `limit`; the stage needs none, and saves the memory.
    preserve_insertion_order: String(options.keepsOrder ?? true),
    ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
    ...(options.memory === undefined ? {} : { memory_limit: options.memory }),
    ...(options.temporary === undefined ? {} : { temp_directory: options.temporary }),
  });
  const isFile = options.file !== undefined && options.file !== ":memory:";
  const duckdb = new Duckdb(instance, isFile ? "use store;" : "");
  try {
    if (isFile) await duckdb.attach(options.file);
    await prepare(duckdb, options);
  } catch (error) {
    // One process may open the file once.
    duckdb.close();
    throw error;
  }
  return duckdb;
}

async function prepare(duckdb: Duckdb, options: OpenOptions): Promise<void> {
  const connection = await duckdb.connect();
  // Facts are made again and asked often: half as large again, for a third less time to write, and less to read. The
  // instance's own options leave this one out without a word.
  await connection.run("set global disabled_compression_methods = 'fsst,dict_fsst,zstd'");
  // A part is never written twice: its footer is read once, not by every question that names a hundred of them.
  await connection.run("set global parquet_metadata_cache = true");
  await connection.run(options.macros ?? macros);
  connection.close();
}

export class Duckdb {
  readonly #instance: DuckDBInstance;
  readonly #begin: string;
  readonly #open = new Set<Connection>();

  constructor(instance: DuckDBInstance, begin: string) {
    this.#instance = instance;
    this.#begin = begin;
  }

  /**
   * Groups of rows are what is read, packed and written side by side: with the engine's own 122,880 a table of 75,000
   * sessions is work for one core. The option is that of a new file; an older one keeps its own.
   */
  async attach(file: string): Promise<void> {
    const raw = await this.#instance.connect();
    try {
      await raw.run(`attach '${file.replaceAll("'", "''")}' as store (row_group_size 20480)`);
    } finally {
      raw.closeSync();
    }
  }

  async connect(): Promise<Connection> {
    const raw = await this.#instance.connect();
    const connection = new Connection(raw, () => this.#open.delete(connection));
    this.#open.add(connection);
    // A question's times are UTC, its integer division Trino's (5/2 = 2). A page of fifty-one ids is looked up by its ids,
    // which the engine's own bound (50) would leave to their range: all of a table.
    await connection.run(
      `${this.#begin} set TimeZone='UTC'; set integer_division=true; set dynamic_or_filter_threshold=500;`,
    );
    return connection;
  }

  close(): void {
    for (const connection of this.#open) connection.close();
    this.#instance.closeSync();
  }
}

/** Values of SQL parameters; times are handed in as text and cast by the statement. */
export type Params = Readonly<Record<string, string | number | boolean | null>>;
export type Row = Record<string, unknown>;
export interface Column {
  readonly name: string;
  /** DuckDB's name of the type. */
  readonly type: string;
}

export class Connection {
  readonly #raw: DuckDBConnection;
  readonly #kept = new Map<string, DuckDBPreparedStatement>();
  readonly #closed: () => void;
  #isOpen = true;

  constructor(raw: DuckDBConnection, closed: () => void) {
    this.#raw = raw;
    this.#closed = closed;
  }

  /** One or several statements, without an answer. */
  async run(sql: string, params: Params = {}): Promise<void> {
    await this.#run(sql, params);
  }

  /** Rows as objects of JSON values: times ISO, numbers as numbers, absent null, lists as arrays. */
  async rows(sql: string, params: Params = {}): Promise<Row[]> {
    return (await this.answer(sql, params)).rows;
  }

  async answer(sql: string, params: Params = {}): Promise<{ columns: Column[]; rows: Row[] }> {
    return answerOf(await this.#run(sql, params));
  }

  /**
   * As `rows`, of a text that is asked again: kept prepared with this connection. The engine plans it anew with each
   * run's values and over the tables of that moment; reading the text and planning it without values are spared, which
   * is a tenth of a question to a quarter. For the few texts of the product alone, never for one that holds a value.
   */
  async rowsOfKept(sql: string, params: Params): Promise<Row[]> {
    const statement = this.#kept.get(sql) ?? (await this.#raw.prepare(sql));
    this.#kept.set(sql, statement);
    statement.bind({ ...params });
    return (await answerOf(await statement.run())).rows;
  }

  /**
   * Memory that the engine has freed, but the C library keeps, goes back to the system: the engine sees to it when its
   * limit is set. Takes some 30 ms.
   */
  async giveBack(): Promise<void> {
    const [row] = await this.rows("select current_setting('memory_limit') as memory");
    await this.run(`set global memory_limit = '${String(row?.["memory"])}'`);
  }

  /** Stops what runs on this connection; the call then throws. The connection is closed after, never used again. */
  interrupt(): void {
    if (this.#isOpen) this.#raw.interrupt();
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#closed();
    this.#raw.closeSync();
  }

  #run(sql: string, params: Params): Promise<DuckDBMaterializedResult> {
    return Object.keys(params).length === 0 ? this.#raw.run(sql) : this.#raw.run(sql, { ...params });
  }
}

async function answerOf(result: DuckDBMaterializedResult): Promise<{ columns: Column[]; rows: Row[] }> {
  const names = result.deduplicatedColumnNames();
  const types = result.columnTypes();
  const columns = names.map((name, index) => ({ name, type: String(types[index]) }));
  const rows: Row[] = [];
  for (const chunk of await result.fetchAllChunks()) {
    const vectors = names.map((_, index) => chunk.getColumnVector(index));
    for (let line = 0; line < chunk.rowCount; line += 1) {
      const row: Row = {};
      for (const [index, name] of names.entries()) row[name] = jsonValue(vectors[index]?.getItem(line) ?? null);
      rows.push(row);
    }
  }
  return { columns, rows };
}

function jsonValue(value: DuckDBValue): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value === null || typeof value !== "object") return value;
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return isoOf(value.micros);
  if (value instanceof DuckDBDateValue) return value.toString();
  if (value instanceof DuckDBDecimalValue) return value.toDouble();
  if (value instanceof DuckDBListValue) return value.items.map(jsonValue);
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([name, entry]) => [name, jsonValue(entry)]));
  return String(value);
}

/** Whole seconds are written without a fraction, as CloudTrail does. */
function isoOf(micros: bigint): string {
  return new Date(Number(micros / 1000n)).toISOString().replace(".000Z", "Z");
}
