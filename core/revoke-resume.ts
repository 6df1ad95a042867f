import { cutoffIn, revokePolicyName, samePolicy } from "./policies.ts";
import { Refusal } from "./refusal.ts";
import {
  doorOf,
  fail,
  keep,
  type Revoker,
  readBack,
  revocableAccountOf,
  revocations,
  type StoredRevocation,
  write,
} from "./revoke.ts";
import type { Store } from "./store/index.ts";

/** One that got no further for this long was left by a process that died: IAM is waited for less. */
const settledAfterMs = 120_000;
/** One older than this is told as it stands: nobody expects a policy to be written days later. */
const takenUpWithinMs = 86_400_000;
const looksAt = 50;

/**
 * Takes up revocations that a killed process left between asked, stored and read back: what was asked is on disk, so it is
 * done, or says truly why not. Never weakens a role's policy: a later cutoff that stands there stays.
 *
 * @returns how many were taken up.
 */
export async function resumeRevocations(revoker: Revoker): Promise<number> {
  const now = revoker.now().getTime();
  const left = await leftRevocations(revoker.store, now);
  for (const each of left) {
    try {
      await takeUp(revoker, each, now);
    } catch (error) {
      // On record by now: the page shows it, and the next one must not wait for it.
      await fail(revoker, each, error).catch(() => undefined);
    }
  }
  return left.length;
}

/** Asked for, and neither done nor failed. @param now epoch milliseconds. */
export async function leftRevocations(store: Store, now: number): Promise<readonly StoredRevocation[]> {
  return (await revocations(store, looksAt)).filter(
    ({ asked_at, read_back_at, failure }) =>
      failure === null && read_back_at === null && now - Date.parse(asked_at) > settledAfterMs,
  );
}

async function takeUp(revoker: Revoker, left: StoredRevocation, now: number): Promise<void> {
  const { role, policy, revocation_id } = left;
  const door = doorOf(revoker, revocableAccountOf(revoker.access(), role));
  const standing = await door.inlinePolicy(role, revokePolicyName);
  if (standing !== null && samePolicy(standing, policy)) {
    // IAM had taken it: only the word on it was lost.
    if (left.stored_at === null)
      await revoker.ledger.append({ kind: "revocation.stored", body: { revocation_id, role, request_id: null } });
    const stored_at = left.stored_at ?? revoker.now().toISOString();
    await readBack(revoker, door, await keep(revoker.store, { ...left, stored_at }));
    return;
  }
  const later = standing === null ? null : cutoffIn(standing);
  if (later !== null && later.getTime() >= Date.parse(left.cutoff))
    throw failed("A later revocation of the role stands there, and ends these sessions as well.");
  if (left.stored_at !== null) throw failed("The policy was stored, and is not there any more.");
  if (now - Date.parse(left.asked_at) > takenUpWithinMs)
    throw failed("Roletrail stopped before IAM was asked, and was not there for a day: nothing was written.");
  await write(revoker, door, left);
}

const failed = (sentence: string): Refusal => new Refusal("revocation.failed", sentence);
