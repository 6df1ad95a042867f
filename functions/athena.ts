import { Desk } from "#/queries/ask.ts";
import { Athena } from "#/queries/engines/athena.ts";
import { AthenaEngine } from "#/queries/engines/athena-engine.ts";
import type { World } from "./world.ts";

const desks = new WeakMap<World, Desk>();

/** The desk over Athena where the settings name its database; null elsewhere. One a process: it keeps its answers. */
export function athenaDeskOf(world: World): Desk | null {
  const {
    ROLETRAIL_ATHENA_DATABASE: database,
    ROLETRAIL_ATHENA_WORKGROUP: workgroup,
    ROLETRAIL_ATHENA_AT_ONCE: atOnce,
  } = world.settings;
  if (database === undefined) return null;
  const desk = desks.get(world) ?? new Desk(new AthenaEngine(new Athena({ database, workgroup, atOnce }), world.now));
  desks.set(world, desk);
  return desk;
}
