import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { newId } from "#/core/ids.ts";
import { type Connection, type Duckdb, openDuckdb } from "../engines/duckdb.ts";
import tables from "../engines/duckdb-store.sql";
import type { RefreshFacts } from "./commit.ts";
import { quoted } from "./stage.ts";

/** Places of one event store. `facts` may be `:memory:`. */
export interface StorePlaces {
  readonly events: string;
  readonly facts: string;
  readonly staging: string;
}

/**
 * Parquet parts by day and the database of facts beside them. The parts of the ledger (`parts`) are the truth: a file
 * on disk that is not among them was left by a run that died, and goes.
 */
export class EventStore {
  readonly places: StorePlaces;
  readonly engine: Duckdb;
  /** The one connection that writes. */
  readonly writer: Connection;
  readonly #memory: string;
  #shown: readonly string[] = [];
  #eventsBytes: number | null = null;
  #outdated: { path: string; since: number }[] = [];
  #threads: { readonly writing: number; readonly asking: number } | null = null;

  static async open(places: StorePlaces, memory = "512MB"): Promise<EventStore> {
    for (const folder of [places.events, places.staging]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    const engine = await openDuckdb({ file: places.facts, memory, temporary: places.staging });
    // The file is ours, so nobody else is at work there. A run that died left records, with session tokens in them.
    for (const left of readdirSync(places.staging))
      rmSync(path.join(places.staging, left), { recursive: true, force: true, maxRetries: 3 });
    const store = new EventStore(places, engine, await engine.connect(), memory);
    await store.writer.run(tables);
    await store.showEvents(await store.parts());
    await store.#sweep();
    return store;
  }

  private constructor(places: StorePlaces, engine: Duckdb, writer: Connection, memory: string) {
    this.places = places;
    this.#memory = memory;
    this.engine = engine;
    this.writer = writer;
  }

  async parts(): Promise<string[]> {
    return (await this.writer.rows("select path from parts order by path")).map((row) => String(row["path"]));
  }

  /**
   * A page asks several questions at once, and each split over all cores costs a third more of them in sum: questions get
   * half of the cores each, and all are for writing while a transaction is open (docs/decisions/0242).
   */
  async shareCores(cores: number): Promise<void> {
    this.#threads = { writing: cores, asking: Math.max(1, Math.floor(cores / 2)) };
    await this.#use("asking");
  }

  async #use(kind: "writing" | "asking"): Promise<void> {
    if (this.#threads !== null) await this.writer.run(`set threads = ${this.#threads[kind]}`);
  }

  /** For a while the engine may have less, in MB, than it was opened with; null ends it. */
  async limitMemory(megabytes: number | null): Promise<void> {
    const own = Number.parseInt(this.#memory, 10) * (this.#memory.endsWith("GB") ? 1_024 : 1);
    const memory = megabytes !== null && megabytes < own ? `${megabytes}MB` : this.#memory;
    try {
      await this.writer.run(`set global memory_limit = ${quoted(memory)}`);
    } catch {
      // It holds more than that just now, and keeps its limit.
    }
  }

  /** All of it or nothing. */
  async inTransaction<T>(write: () => Promise<T>): Promise<T> {
    await this.#use("writing");
    await this.writer.run("begin transaction");
    try {
      const result = await write();
      await this.writer.run("commit");
      return result;
    } catch (error) {
      await this.writer.run("rollback");
      throw error;
    } finally {
      await this.#use("asking");
    }
  }

  /** Makes everything that is derived new from the parts: its text changed. */
  async rebuild(refresh: RefreshFacts): Promise<void> {
    await this.inTransaction(async () => {
      const parts = await this.parts();
      await this.#dropDerived();
      await this.writer.run(tables);
      await this.showEvents(parts);
      if (parts.length > 0)
        await this.writer.run("insert into event_keys select event_key(event_id, recipient_account), day from events");
      await this.writer.run("create or replace temp view touched_events as select * from events");
      const days = await this.writer.rows("select distinct cast(day as varchar) as day from parts order by 1");
      const [row] = await this.writer.rows("select coalesce(sum(rows), 0) as events from parts");
      const touched = { days: days.map(({ day }) => String(day)), events: Number(row?.["events"]), everything: true };
      await refresh(this.writer, touched);
    });
  }

  async #dropDerived(): Promise<void> {
    const kept = ["files", "parts", "duplicates", "hidden"];
    const found = await this.writer.rows(`select table_name as name, table_type as type
      from information_schema.tables where table_schema = 'main' and table_catalog = current_database()`);
    for (const { name, type } of found.toSorted(
      (a, b) => Number(a["type"] === "BASE TABLE") - Number(b["type"] === "BASE TABLE"),
    ))
      if (!kept.includes(String(name)))
        await this.writer.run(`drop ${type === "VIEW" ? "view" : "table"} if exists "${String(name)}"`);
  }

  /**
   * Writes one day's parts as one, in order of time, without what is hidden: a day in more than fifty parts, or when
   * there is leisure one that hides something. @returns whether a day was written.
   */
  async compact(hasLeisure: boolean): Promise<boolean> {
    const [day] = (
      await this.writer.rows(
        `select cast(day as varchar) as day from parts group by day having count(*) > 50
         ${hasLeisure ? "union select cast(day as varchar) from hidden" : ""} order by 1 limit 1`,
      )
    ).map((row) => String(row["day"]));
    if (day === undefined) return false;
    const old = (await this.parts()).filter((part) => part.startsWith(`day=${day}/`));
    const target = `day=${day}/${newId("q")}.parquet`;
    const [written] = await this.writer.rows(
      `copy (select * exclude (day) from (${await this.visible(old)}) order by happened_at, event_id)
       to ${quoted(path.join(this.places.events, target))} (format parquet, compression zstd)`,
    );
    await this.inTransaction(async () => {
      await this.writer.run(
        `delete from parts where day = date '${day}'; delete from hidden where day = date '${day}'`,
      );
      await this.writer.run(
        `insert into parts values (${quoted(target)}, date '${day}', ${Number(written?.["Count"])})`,
      );
      await this.showEvents(await this.parts());
    });
    this.retire(old);
    return true;
  }

  /** Points the view `events` at these parts. Inside a transaction readers see the old ones until it ends. */
  async showEvents(parts: readonly string[]): Promise<void> {
    await this.writer.run(`create or replace view events as ${await this.visible(parts)}`);
    this.#shown = parts;
    this.#eventsBytes = null;
  }

  /** What a question can read at most, in bytes. */
  bytes(): { readonly facts: number; readonly events: number } {
    const size = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    this.#eventsBytes ??= this.#shown.reduce((sum, part) => sum + size(path.join(this.places.events, part)), 0);
    return { facts: size(this.places.facts), events: this.#eventsBytes };
  }

  /** What a question sees of these parts. */
  async visible(parts: readonly string[]): Promise<string> {
    if (parts.length === 0) return "select * from no_events";
    const hidden = await this.writer.rows("select 1 from hidden limit 1");
    if (hidden.length === 0) return `select * from ${this.scan(parts)}`;
    return `select e.* from ${this.scan(parts)} as e
      anti join hidden as h on h.file = e.file and h.file_index = e.file_index`;
  }

  /** `read_parquet` over parts, columns in the order of CONTRACTS §4. */
  scan(parts: readonly string[]): string {
    const list = parts.map((part) => quoted(path.join(this.places.events, part))).join(", ");
    return `(select ${columns} from read_parquet([${list}], hive_partitioning = true, hive_types = {'day': date}))`;
  }

  /** Readers may still be in parts that were replaced: they go a minute later, or at the next start. */
  retire(parts: readonly string[]): void {
    const now = Date.now();
    for (const outdated of this.#outdated.filter(({ since }) => since < now - 60_000)) this.discard([outdated.path]);
    this.#outdated = this.#outdated.filter(({ since }) => since >= now - 60_000);
    for (const part of parts) this.#outdated.push({ path: part, since: now });
  }

  discard(parts: readonly string[]): void {
    for (const part of parts) rmSync(path.join(this.places.events, part), { force: true });
  }

  close(): void {
    this.engine.close();
    rmSync(this.places.staging, { recursive: true, force: true });
  }

  async #sweep(): Promise<void> {
    const known = new Set(await this.parts());
    for (const entry of readdirSync(this.places.events, { recursive: true, withFileTypes: true })) {
      const part = path.relative(this.places.events, path.join(entry.parentPath, entry.name)).split(path.sep).join("/");
      if (entry.isFile() && !known.has(part)) this.discard([part]);
    }
  }
}

const columns = [...tables.matchAll(/create table if not exists no_events \(([^)]*)\)/g)]
  .flatMap(([, list]) => (list ?? "").split(","))
  .map((column) => column.trim().split(" ")[0])
  .join(", ");
