import { chmodSync, closeSync, copyFileSync, existsSync, openSync } from "node:fs";
import Database from "libsql";
import { Refusal } from "../refusal.ts";
import type { Condition, NewRow, Put, Range, Row, Store } from "./index.ts";
import { type Migration, migrations } from "./migrations.ts";
import { expectRemovable, writableText } from "./rules.ts";

/** Expired rows are swept at the start and after this many puts; until then they are only hidden. */
const putsBetweenSweeps = 5_000;
/** Rows a bulk put writes in one commit: one fsync each, and other writers wait no longer than that. */
const bulkRows = 1_000;

/**
 * The store in one libsql file (WAL, mode 0600). Several processes may hold it open; one writes at a time.
 *
 * WAL with `synchronous = normal` survives kill -9 at any point; only a power cut may lose the last commits. Rows marked
 * `durable` are committed with `full`, whose fsync of the WAL takes every earlier commit with it (0.4 ms against 0.04 ms
 * measured on a laptop's disk).
 *
 * @throws Refusal `config.invalid` when the file was written by a newer Roletrail.
 */
export function openLibsqlStore(
  file: string,
  { now = Date.now, steps = migrations }: { now?: () => number; steps?: readonly Migration[] } = {},
): Store {
  if (!existsSync(file)) closeSync(openSync(file, "a", 0o600));
  // WAL and shared memory files take the mode of the file itself.
  chmodSync(file, 0o600);
  const database = new Database(file);
  database.exec("pragma journal_mode = wal");
  database.exec("pragma busy_timeout = 10000");
  // What is replaced or removed (a name that was erased, a sealed token) is overwritten, not only unlinked.
  database.exec("pragma secure_delete = on");
  migrate(database, file, steps);
  return new LibsqlStore(database, now);
}

class LibsqlStore implements Store {
  readonly #database: Database.Database;
  readonly #now: () => number;
  readonly #statements: ReturnType<typeof statementsOf>;
  #full = false;
  #puts = 0;

  constructor(database: Database.Database, now: () => number) {
    this.#database = database;
    this.#now = now;
    database.exec("pragma synchronous = normal");
    this.#statements = statementsOf(database);
    this.#statements.sweep.run(now());
  }

  async get(partition: string, sort: string): Promise<Row | null> {
    const found = this.#statements.get.get(partition, sort, this.#now());
    return found === undefined ? null : rowOf(found);
  }

  async put(row: NewRow, condition: Condition): Promise<boolean> {
    this.#sweepNowAndThen();
    this.#synchronous(row.durable === true);
    return this.#putOne(row, condition);
  }

  async putAll(rows: readonly Put[]): Promise<number> {
    this.#sweepNowAndThen();
    this.#synchronous(true);
    let written = 0;
    while (written < rows.length) {
      const some = rows.slice(written, written + bulkRows);
      const done = this.#inOneCommit(() => {
        const refused = some.findIndex((row) => !this.#putOne(row, row.condition ?? { absent: true }));
        return refused === -1 ? some.length : refused;
      });
      written += done;
      if (done < some.length) break;
    }
    return written;
  }

  /** By kept statements: the driver's own `transaction` makes its three anew each time. */
  #inOneCommit<T>(work: () => T): T {
    const { begin, commit, rollback } = this.#statements;
    begin.run();
    try {
      const done = work();
      commit.run();
      return done;
    } catch (error) {
      if (this.#database.inTransaction) rollback.run();
      throw error;
    }
  }

  async list(partition: string, range: Range = {}): Promise<readonly Row[]> {
    const statement = range.newestFirst === true ? this.#statements.listDown : this.#statements.listUp;
    const limit = range.limit ?? -1;
    return statement
      .all(partition, range.from ?? "", range.to ?? null, range.to ?? null, this.#now(), limit)
      .map(rowOf);
  }

  async remove(partition: string, sort: string): Promise<void> {
    expectRemovable(partition);
    this.#synchronous(false);
    this.#statements.remove.run(partition, sort);
  }

  async close(): Promise<void> {
    this.#database.exec("pragma wal_checkpoint(truncate)");
    this.#database.close();
  }

  #putOne(row: NewRow, condition: Condition): boolean {
    const { partition, sort } = row;
    const value = writableText(row, condition);
    const expires = row.expires_at ?? null;
    const { putAny, putAbsent, putVersion } = this.#statements;
    if ("any" in condition) return putAny.run(partition, sort, expires, value).changes === 1;
    if ("absent" in condition) return putAbsent.run(partition, sort, expires, value, this.#now()).changes === 1;
    return putVersion.run(expires, value, partition, sort, condition.version, this.#now()).changes === 1;
  }

  #synchronous(full: boolean): void {
    if (full === this.#full) return;
    this.#database.exec(full ? "pragma synchronous = full" : "pragma synchronous = normal");
    this.#full = full;
  }

  #sweepNowAndThen(): void {
    this.#puts += 1;
    if (this.#puts % putsBetweenSweeps === 0) this.#statements.sweep.run(this.#now());
  }
}

/** A version goes on counting over an expired row, so who still holds the old one can never replace the new. */
function statementsOf(database: Database.Database) {
  const columns = "partition, sort, version, expires_at, value";
  const live = "(expires_at is null or expires_at > ?)";
  const list = `select ${columns} from rows where partition = ? and sort >= ? and (? is null or sort < ?) and ${live}`;
  const insert = `insert into rows (${columns}) values (?, ?, 1, ?, ?)
    on conflict (partition, sort) do update
    set version = version + 1, expires_at = excluded.expires_at, value = excluded.value`;
  return {
    begin: database.prepare("begin immediate"),
    commit: database.prepare("commit"),
    rollback: database.prepare("rollback"),
    get: database.prepare(`select ${columns} from rows where partition = ? and sort = ? and ${live}`),
    putAny: database.prepare(insert),
    putAbsent: database.prepare(`${insert} where rows.expires_at is not null and rows.expires_at <= ?`),
    putVersion: database.prepare(
      `update rows set version = version + 1, expires_at = ?, value = ?
       where partition = ? and sort = ? and version = ? and ${live}`,
    ),
    listUp: database.prepare(`${list} order by sort limit ?`),
    listDown: database.prepare(`${list} order by sort desc limit ?`),
    remove: database.prepare("delete from rows where partition = ? and sort = ?"),
    sweep: database.prepare("delete from rows where expires_at is not null and expires_at <= ?"),
  };
}

function rowOf(found: unknown): Row {
  // The one sealed cast: the columns are those of `statementsOf`, typed by the table's own `strict`.
  const row = found as { partition: string; sort: string; version: number; expires_at: number | null; value: string };
  return {
    partition: row.partition,
    sort: row.sort,
    version: row.version,
    expires_at: row.expires_at,
    value: JSON.parse(row.value),
  };
}

/** Forward only: what is missing runs in one transaction, after a copy of a store that held something. */
function migrate(database: Database.Database, file: string, steps: readonly Migration[]): void {
  const have = versionOf(database);
  if (have > steps.length) {
    throw new Refusal(
      "config.invalid",
      `${file} was written by a newer Roletrail (store ${have}, here ${steps.length}).`,
      {
        help: "Start the newer version, or set this world's folder aside.",
      },
    );
  }
  if (have === steps.length) return;
  if (have > 0) {
    database.exec("pragma wal_checkpoint(truncate)");
    copyFileSync(file, `${file}.v${have}`);
  }
  database
    .transaction(() => {
      // Another process may have migrated while this one waited for the lock.
      for (const step of steps.slice(versionOf(database))) database.exec(step);
      database.exec(`pragma user_version = ${steps.length}`);
    })
    .immediate();
}

function versionOf(database: Database.Database): number {
  const found: unknown = database.prepare("pragma user_version").get();
  return found instanceof Object && "user_version" in found ? Number(found.user_version) : 0;
}
