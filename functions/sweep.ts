import { closeUnknown } from "#/core/mint/close.ts";
import { resumeRevocations } from "#/core/revoke-resume.ts";
import type { World } from "./world.ts";

const minuteMs = 60_000;

/** What runs with nobody watching: the issuer's keys move on with their age, mints without an outcome are closed, revocations that were left half done are taken up. */
export async function sweep(world: World): Promise<void> {
  const { aws, trail, mints, ledger, now } = world;
  if (aws === null) return;
  const rotated = await (await aws.issuer()).rotate(now());
  if (rotated !== null) await ledger("mint").append({ kind: "issuer.rotated", body: rotated });
  await resumeRevocations(aws.revoker);
  if (trail.current !== null) await closeUnknown({ mints, ledger: ledger("mint"), trail: trail.current, now });
}

/** Sweeps now and every minute. Trouble is reported and does not end the sweeping. */
export function keepSweeping(world: World, report: (error: unknown) => void): void {
  const once = (): void => void sweep(world).catch(report);
  once();
  setInterval(once, minuteMs).unref();
}
