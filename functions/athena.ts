import { readAwsRegion } from "#/core/config.ts";
import { openSts } from "#/core/mint/sts.ts";
import type { OutsideTrail, Trail } from "#/core/trail.ts";
import { Desk } from "#/queries/ask.ts";
import { Athena } from "#/queries/engines/athena.ts";
import { AthenaEngine } from "#/queries/engines/athena-engine.ts";
import { openOutside, openTrail } from "#/queries/trail.ts";
import type { World } from "./world.ts";

interface Held {
  readonly desk: Desk;
  readonly trail: Trail;
  readonly outside: OutsideTrail;
}

const held = new WeakMap<World, Held>();

/** The desk over Athena where the settings name its database; null elsewhere. One a process: it keeps its answers. */
export const athenaDeskOf = (world: World): Desk | null => heldBy(world)?.desk ?? null;

/** What core asks of the trail, of Athena; null where the settings name no database. */
export const athenaTrailOf = (world: World): Trail | null => heldBy(world)?.trail ?? null;

/** The same for who tells people of sessions outside the broker. */
export const athenaOutsideOf = (world: World): OutsideTrail | null => heldBy(world)?.outside ?? null;

/** Hand-written SQL: another role, which reads the facts and nothing else, in a workgroup with its own cut-off. */
function adhocOf({ settings, now }: World, database: string): Athena | null {
  const { ROLETRAIL_ATHENA_ADHOC_ROLE: role, ROLETRAIL_ATHENA_ADHOC_WORKGROUP: workgroup } = settings;
  const region = role === undefined ? undefined : readAwsRegion();
  if (role === undefined || workgroup === undefined || region === undefined) return null;
  const credentials = () => openSts(now).identityOf(role, region);
  return new Athena({ database, workgroup, atOnce: 2, as: { region, credentials } });
}

function heldBy(world: World): Held | null {
  const {
    ROLETRAIL_ATHENA_DATABASE: database,
    ROLETRAIL_ATHENA_WORKGROUP: workgroup,
    ROLETRAIL_ATHENA_AT_ONCE: atOnce,
  } = world.settings;
  if (database === undefined) return null;
  const known = held.get(world);
  if (known !== undefined) return known;
  // One engine: what both ask at once counts together.
  const engine = new AthenaEngine(new Athena({ database, workgroup, atOnce }), world.now, adhocOf(world, database));
  const made = { desk: new Desk(engine), trail: openTrail(engine), outside: openOutside(engine) };
  held.set(world, made);
  return made;
}
