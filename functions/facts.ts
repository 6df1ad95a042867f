import { availableParallelism } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Mints, openMints } from "#/core/mint/rows.ts";
import { Refusal } from "#/core/refusal.ts";
import { Desk } from "#/queries/ask.ts";
import { DuckdbEngine } from "#/queries/engines/duckdb-engine.ts";
import { factsVersion } from "#/queries/facts/version.ts";
import { Follower } from "#/queries/ingest/follow.ts";
import type { EventStore } from "#/queries/ingest/store.ts";
import { openCurrent } from "#/queries/ingest/versions.ts";
import { recordMints, recordOwnRoles } from "#/queries/record.ts";
import { refreshFacts } from "#/queries/refresh.ts";
import { openSource } from "#/queries/sources/open.ts";
import { openTrail } from "#/queries/trail.ts";
import { offerDesk } from "./desk.ts";
import { mintFact, ownRoles } from "./fact-rows.ts";
import type { World } from "./world.ts";

/** The only writer of facts: follows the trail and the ledger's mints, once a second, for as long as the process lives. */
export function keepReading(world: World, report: (error: unknown) => void): void {
  if (world.settings.ROLETRAIL_TRAIL === undefined) return;
  const reading = new Reading(world, world.settings.ROLETRAIL_TRAIL);
  offerDesk(world, () => reading.desk());
  void reading.follow(report);
}

const lookEveryMilliseconds = 1_000;
const afterTroubleMilliseconds = 5_000;
/** Somebody who reads pages asks again by then. */
const leisureAfterMilliseconds = 5_000;

class Reading {
  readonly #world: World;
  readonly #where: string;
  readonly #mints: Mints;
  #desk: Desk | null = null;
  #watermark = 0;
  #read = { files: 0, of: 0 };
  #trouble = "";
  #own = "";

  constructor(world: World, where: string) {
    this.#world = world;
    this.#where = where;
    this.#mints = openMints(world.store);
  }

  desk(): Desk {
    if (this.#desk !== null && this.#watermark > 0) return this.#desk;
    const { files, of } = this.#read;
    const far = of === 0 ? "Reading begins." : `${files} of ${of} files are read.`;
    throw new Refusal("trail.starting", `The trail is being read for the first time. ${far}`, {
      help: "The first answers come within a minute; look again then.",
    });
  }

  async follow(report: (error: unknown) => void): Promise<void> {
    let open: Opened | null = null;
    for (;;) {
      try {
        open ??= await this.#open();
        await this.#look(open);
        this.#trouble = "";
        await wait(lookEveryMilliseconds);
      } catch (error) {
        this.#say(error, report);
        await wait(afterTroubleMilliseconds);
      }
    }
  }

  async #open(): Promise<Opened> {
    const { places, now } = this.#world;
    const source = await openSource(this.#where);
    const store = await openCurrent(
      {
        events: places.events,
        facts: places.facts,
        staging: path.join(places.world, "staging"),
        version: path.join(places.world, "version.json"),
      },
      { version: factsVersion, refresh: refreshFacts },
    );
    await store.shareCores(availableParallelism());
    const engine = new DuckdbEngine({
      engine: store.engine,
      watermark: () => this.#watermark,
      bytes: () => store.bytes(),
    });
    this.#desk = new Desk(engine);
    const committed = (): void => {
      this.#watermark += 1;
    };
    // What an earlier run read can be asked at once.
    if ((await store.parts()).length > 0) committed();
    const progress = (read: { files: number; of: number }): void => {
      this.#read = read;
    };
    // After a first reading days are written again for a minute or two, beside which a page takes half as long again.
    const hasLeisure = (): boolean => engine.quietFor() >= leisureAfterMilliseconds;
    const follower = new Follower(store, source, refreshFacts, { now, hasLeisure, committed, progress });
    return { store, engine, follower };
  }

  async #look({ store, engine, follower }: Opened): Promise<void> {
    // The ledger before the trail, so that a first read shows none of the broker's own sessions as outsiders; and after it,
    // for what was minted while it read.
    const before = await this.#recordLedger(store);
    await follower.look();
    const after = await this.#recordLedger(store);
    this.#world.trail.current ??= openTrail(engine);
    if (before || after || this.#watermark === 0) this.#watermark += 1;
  }

  /** @returns whether anything was new. */
  async #recordLedger(store: EventStore): Promise<boolean> {
    const changed = await this.#mints.refresh();
    if (changed.length > 0) await store.inTransaction(() => recordMints(store.writer, changed.map(mintFact)));
    return (await this.#recordOwn(store)) || changed.length > 0;
  }

  /** The roles that Roletrail takes on itself, as the access file names them now. @returns whether they are others. */
  async #recordOwn(store: EventStore): Promise<boolean> {
    const own = ownRoles(this.#world.access());
    const text = JSON.stringify(own);
    if (text === this.#own) return false;
    await store.inTransaction(() => recordOwnRoles(store.writer, own));
    this.#own = text;
    return true;
  }

  /** The same trouble each second is said once. */
  #say(error: unknown, report: (error: unknown) => void): void {
    const trouble = error instanceof Error ? error.message : String(error);
    if (trouble !== this.#trouble) report(error);
    this.#trouble = trouble;
  }
}

interface Opened {
  readonly store: EventStore;
  readonly engine: DuckdbEngine;
  readonly follower: Follower;
}
