import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { Refusal } from "#/core/refusal.ts";
import type { RefreshFacts } from "./commit.ts";
import { EventStore, type StorePlaces } from "./store.ts";

/**
 * What a record becomes (queries/engines/duckdb-stage.sql and the roads to it). One more when the same file would give
 * other events: then the source is read again.
 */
export const parserVersion = 3;

/** `version.json` (CONTRACTS §2). `store` is the ledger's store and not ours to touch. */
const Versions = z.looseObject({ parser: z.number().optional(), facts: z.string().optional() });

export interface CurrentPlaces extends StorePlaces {
  /** `version.json`. */
  readonly version: string;
}

/**
 * Opens the store as this code understands it: events of an older parser go and the source is read again; facts of
 * another text are made new from the events. @throws Refusal `config.invalid` when a newer Roletrail wrote it.
 */
export async function openCurrent(
  places: CurrentPlaces,
  facts: { readonly version: string; readonly refresh: RefreshFacts },
  memory?: string,
): Promise<EventStore> {
  const before = versionsAt(places.version);
  if (before.parser !== undefined && before.parser > parserVersion)
    throw new Refusal("config.invalid", `${places.version}: these events were written by a newer Roletrail.`, {
      help: "Start the newer version, or set this folder aside to read the trail again.",
    });
  if (before.parser !== parserVersion) discardAll(places);
  const store = await EventStore.open(places, memory);
  try {
    if (before.facts !== facts.version) await store.rebuild(facts.refresh);
  } catch (error) {
    // One process may open the file once.
    store.close();
    throw error;
  }
  const now = { ...versionsAt(places.version), parser: parserVersion, facts: facts.version };
  writeFileSync(`${places.version}.new`, JSON.stringify(now), { mode: 0o600 });
  renameSync(`${places.version}.new`, places.version);
  return store;
}

function versionsAt(file: string): z.infer<typeof Versions> {
  if (!existsSync(file)) return {};
  return Versions.parse(JSON.parse(readFileSync(file, "utf8")));
}

function discardAll(places: StorePlaces): void {
  rmSync(places.events, { recursive: true, force: true });
  for (const file of [places.facts, `${places.facts}.wal`]) rmSync(file, { force: true });
}
