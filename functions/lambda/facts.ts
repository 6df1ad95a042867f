import { Refusal } from "#/core/refusal.ts";
import { keepCompleteUpTo } from "#/core/trail-standing.ts";
import { Athena, AthenaFailed } from "#/queries/engines/athena.ts";
import { athenaTables, athenaUpkeep, upkeepTables } from "#/queries/engines/athena-ddl.ts";
import { AthenaEngine } from "#/queries/engines/athena-engine.ts";
import { ingestAthena } from "#/queries/engines/athena-ingest.ts";
import { recordAthena } from "#/queries/engines/athena-record.ts";
import { openSource } from "#/queries/sources/open.ts";
import { openTrail } from "#/queries/trail.ts";
import { mintFact, ownRoles } from "../fact-rows.ts";
import { openedOnce } from "../lambda-entry.ts";
import { openLambdaWorld } from "../lambda-world.ts";
import type { World } from "../world.ts";

const world = openedOnce(() => openLambdaWorld({ withAccess: true, withKeys: false }));
const made = new WeakSet<World>();

/**
 * Each five minutes, one at a time: new logs and mints in, what they touch computed again. At four in the morning (UTC)
 * all days of delivery are listed, late files with them, and small files are compacted.
 */
export const handler = async (): Promise<unknown> => {
  const opened = await world();
  const { mints, access, store, now } = opened;
  const { trail, facts, athena } = placesOf(opened);
  if (!made.has(opened))
    for (const sql of athenaTables(facts.replace(/\/$/, ""))) await athena.query({ sql, seconds: 60 });
  made.add(opened);
  const at = now();
  const isNightly = at.getUTCHours() === 4 && at.getUTCMinutes() < 5;
  const source = await openSource(trail);
  const { files } = await source.list(isNightly ? undefined : recent(at));
  await recordAthena(athena, (await mints.refresh()).map(mintFact), ownRoles(access()));
  const done = await ingestAthena(athena, /^s3:\/\/[^/]+\//.exec(`${trail}/`)?.[0] ?? trail, files, at);
  if (done.changed) await keepCompleteUpTo(store, await openTrail(new AthenaEngine(athena, now)).completeUpTo());
  if (isNightly) await upkeep(athena, { at, now });
  return done;
};

/** @throws Refusal `config.invalid` naming the setting that is not there. */
function placesOf({ settings }: World): { readonly trail: string; readonly facts: string; readonly athena: Athena } {
  const need = (name: "ROLETRAIL_TRAIL" | "ROLETRAIL_FACTS" | "ROLETRAIL_ATHENA_DATABASE"): string => {
    const value = settings[name];
    if (value !== undefined) return value;
    throw new Refusal("config.invalid", `This function needs ${name}.`, { help: `See docs/config.md for ${name}.` });
  };
  const { ROLETRAIL_ATHENA_WORKGROUP: workgroup } = settings;
  const athena = new Athena({ database: need("ROLETRAIL_ATHENA_DATABASE"), workgroup, atOnce: 1 });
  return { trail: need("ROLETRAIL_TRAIL"), facts: need("ROLETRAIL_FACTS"), athena };
}

/** Today and yesterday as days of delivery, UTC. */
function recent(at: Date): ReadonlySet<string> {
  const day = (time: number): string => new Date(time).toISOString().slice(0, 10).replaceAll("-", "/");
  return new Set([day(at.getTime()), day(at.getTime() - 86_400_000)]);
}

/** What upkeep may take of the Lambda's fifteen minutes. */
const upkeepMs = 12 * 60_000;
const roundsMax = 20;

/**
 * Each night begins with another table, so that none is always the one for which no time was left. One in trouble stops no
 * other; then it throws into Lambda's own error count.
 */
async function upkeep(athena: Athena, { at, now }: { readonly at: Date; readonly now: () => Date }): Promise<void> {
  const day = 86_400_000;
  const since = new Date(at.getTime() - 3 * day).toISOString().slice(0, 10);
  const turn = Math.floor(at.getTime() / day) % upkeepTables.length;
  const tables = [...upkeepTables.slice(turn), ...upkeepTables.slice(0, turn)];
  const failed: unknown[] = [];
  const secondsLeft = (): number => Math.floor((at.getTime() + upkeepMs - now().getTime()) / 1_000);
  for (const sql of tables.flatMap((table) => athenaUpkeep(table, since))) {
    if (secondsLeft() < 60) break;
    await tidy(athena, sql, secondsLeft).catch((error: unknown) => failed.push(error));
  }
  if (failed.length > 0) throw new AggregateError(failed, `upkeep: ${failed.map(String).join("; ")}`);
}

/** Athena does some of it at once, and says by an error that there is more. What is left after that is the next night's. */
async function tidy(athena: Athena, sql: string, secondsLeft: () => number): Promise<void> {
  for (let round = 1; round <= roundsMax && secondsLeft() > 0; round += 1) {
    try {
      await athena.query({ sql, seconds: secondsLeft() });
      return;
    } catch (error) {
      if (!(error instanceof AthenaFailed && /_MORE_RUNS_NEEDED/.test(error.message))) throw error;
    }
  }
}
