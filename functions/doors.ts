import { Refusal } from "#/core/refusal.ts";
import { resumeRevocations } from "#/core/revoke-resume.ts";
import { OutsideAsk, TrailAsk } from "#/core/trail.ts";
import { athenaOutsideOf, athenaTrailOf } from "./athena.ts";
import { awsOf } from "./mint.ts";
import type { World } from "./world.ts";

/**
 * A way into a function that is not web's: an alias of its Lambda, named after the one caller whose role may invoke it. IAM
 * decides who comes in by which (infra/functions.ts), Lambda says by which somebody came; what it then may ask is here.
 */
export type Door = (world: World, event: unknown) => Promise<unknown>;

/** Into `ask`, for functions that need the trail and have no engine. Who may know is decided by the one that asks. */
export const trailDoor: Door = async (world, event) => {
  const asked = TrailAsk.safeParse(event);
  if (!asked.success)
    throw new Refusal("request.invalid", "The trail is asked for sessions or calls, and nothing else.");
  const trail = athenaTrailOf(world);
  if (trail === null) throw noTrail();
  const { data } = asked;
  if (data.asks === "live-sessions") return trail.liveSessionsOf(data.role, data.at);
  return trail.callsAfter(data.session_ids, data.since);
};

/** Into `ask`, for `notify`: who came into which role past the broker, and nothing else of the trail. */
export const outsideDoor: Door = async (world, event) => {
  const asked = OutsideAsk.safeParse(event);
  if (!asked.success) throw new Refusal("request.invalid", "This door tells of sessions outside the broker only.");
  const trail = athenaOutsideOf(world);
  if (trail === null) throw noTrail();
  return trail.outsideSince(asked.data.since);
};

const noTrail = (): Refusal => new Refusal("trail.none", "No CloudTrail logs are connected here.");

/** Into `revoke`, for the sweep: revocations that were left half done are taken up by the only one that can. */
export const resumeDoor: Door = async (world) => ({ taken_up: await resumeRevocations(awsOf(world).revoker) });
