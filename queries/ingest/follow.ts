import type { Listing, Source } from "../sources/source.ts";
import type { RefreshFacts } from "./commit.ts";
import { builtWorker } from "./pool.ts";
import { type ReadReport, readTrail } from "./read.ts";
import type { EventStore } from "./store.ts";

export interface FollowOptions {
  readonly now: () => Date;
  /** The ingest worker's bundle; null reads in this process. */
  readonly worker?: string | null;
  /** Whether what is only tidier may be done now: always, unless told. */
  readonly hasLeisure?: () => boolean;
  readonly committed?: () => void;
  readonly progress?: (progress: { readonly files: number; readonly of: number; readonly records: number }) => void;
}

/** First charts after this many records, then each time they doubled. */
const commitAt = 200_000;
const wholeEveryMilliseconds = 3_600_000;

/** Follows a trail: all of it at first and each hour, the current and the previous day of delivery at each other look. */
export class Follower {
  readonly #store: EventStore;
  readonly #source: Source;
  readonly #refresh: RefreshFacts;
  readonly #options: FollowOptions;
  #wholeAt = Number.NEGATIVE_INFINITY;
  #done: Listing | undefined;

  constructor(store: EventStore, source: Source, refresh: RefreshFacts, options: FollowOptions) {
    this.#store = store;
    this.#source = source;
    this.#refresh = refresh;
    this.#options = options;
  }

  /** One look: reads what is new. A few milliseconds when nothing is. */
  async look(): Promise<ReadReport> {
    const now = this.#options.now();
    const isWhole = now.getTime() - this.#wholeAt >= wholeEveryMilliseconds;
    const report = await readTrail(this.#store, this.#source, this.#refresh, {
      now: this.#options.now,
      worker: this.#options.worker ?? builtWorker(),
      commitAt,
      ...(this.#options.committed === undefined ? {} : { committed: this.#options.committed }),
      ...(this.#options.progress === undefined ? {} : { progress: this.#options.progress }),
      ...(isWhole ? {} : { days: recentDays(now) }),
      ...(this.#done === undefined ? {} : { done: this.#done }),
    });
    if (isWhole) this.#wholeAt = now.getTime();
    this.#done = report.listing;
    await this.#store.compact(report.read === 0 && this.#options.hasLeisure?.() !== false);
    return report;
  }
}

/** Today and yesterday as days of delivery, UTC. */
function recentDays(now: Date): ReadonlySet<string> {
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10).replaceAll("-", "/");
  return new Set([day(now.getTime()), day(now.getTime() - 86_400_000)]);
}
