import { createHash } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { userCacheFolder } from "#/core/config.ts";
import type { StorePlaces } from "#/queries/ingest/store.ts";

/** Where `ask --trail` keeps what it read, for as long as this process uses it. */
export interface Kept {
  readonly places: StorePlaces;
  /** One line for stderr. */
  readonly said: string;
  /** Forgets what was read. */
  empty(): void;
  release(): void;
}

const lockSecondsMax = 30;
const unusedDaysMax = 30;

/**
 * `cache/<sha256 of the real path, 16>-<version>` in the user's cache folder, 0700. One process at a time: another waits
 * half a minute, then works beside it and keeps nothing.
 */
export async function openCache(trail: string, version: string, waitSeconds = lockSecondsMax): Promise<Kept> {
  const where = trail.startsWith("s3://") ? trail : realpathSync(trail);
  const folder = path.join(userCacheFolder(), "cache", `${sha16(where)}-${sha16(version)}`);
  const lock = path.join(folder, "lock");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const until = Date.now() + waitSeconds * 1_000; !takeLock(lock); ) {
      if (Date.now() > until) return openTemporary(`Another roletrail holds ${folder}; nothing is kept this time.`);
      await wait(100);
    }
    forgetUnused(folder);
  } catch (error) {
    // A home that may not be written to, as in many containers, is no reason not to answer.
    const why = error instanceof Error ? error.message : String(error);
    return openTemporary(`Nothing that was read is kept: ${why}.`);
  }
  const places = placesIn(folder);
  return {
    places,
    empty: () => {
      for (const place of [places.events, places.staging, places.facts, `${places.facts}.wal`])
        rmSync(place, { recursive: true, force: true });
    },
    said: `What was read is kept in ${folder}`,
    release: () => rmSync(lock, { force: true }),
  };
}

export function openTemporary(said = "Nothing that was read is kept."): Kept {
  const folder = mkdtempSync(path.join(tmpdir(), "roletrail-"));
  return {
    places: { ...placesIn(folder), facts: ":memory:" },
    said,
    empty: () => {},
    release: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const sha16 = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

const placesIn = (folder: string): StorePlaces => ({
  events: path.join(folder, "events"),
  facts: path.join(folder, "facts.duckdb"),
  staging: path.join(folder, "staging"),
});

/** The lock appears whole, with its owner in it. One of a process that is gone is taken over. */
function takeLock(lock: string): boolean {
  const own = `${lock}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, lock);
    return true;
  } catch {
    if (ownerLives(lock)) return false;
    rmSync(lock, { force: true });
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

function ownerLives(lock: string): boolean {
  try {
    process.kill(Number(readFileSync(lock, "utf8")), 0);
    return true;
  } catch (error) {
    // EPERM: it lives, as somebody else. ENOENT: it has just gone, look again.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** A folder's time is that of its last use. */
function forgetUnused(used: string): void {
  utimesSync(used, new Date(), new Date());
  const cache = path.dirname(used);
  for (const name of readdirSync(cache)) {
    const folder = path.join(cache, name);
    const isUnused = Date.now() - statSync(folder).mtimeMs > unusedDaysMax * 86_400_000;
    if (isUnused && !existsSync(path.join(folder, "lock"))) rmSync(folder, { recursive: true, force: true });
  }
}
