import { Refusal } from "#/core/refusal.ts";
import type { Desk } from "#/queries/ask.ts";
import { athenaDeskOf } from "./athena.ts";
import type { World } from "./world.ts";

const readers = new WeakMap<World, () => Desk>();

/** The process that reads the trail itself says where its desk is; a Lambda, which loads no engine, has Athena's. */
export const offerDesk = (world: World, desk: () => Desk): void => void readers.set(world, desk);

/** @throws Refusal `trail.none`, or `trail.starting` until the first events are in. */
export function deskOf(world: World): Desk {
  const atAthena = athenaDeskOf(world);
  if (atAthena !== null) return atAthena;
  const reader = readers.get(world);
  if (reader !== undefined) return reader();
  throw new Refusal("trail.none", "No CloudTrail logs are connected here.", {
    help: "Start with npm start -- --trail FOLDER, or without it for the sandbox and its trail.",
  });
}
