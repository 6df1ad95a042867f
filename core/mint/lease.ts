import { Refusal } from "../refusal.ts";
import type { Clearance } from "./checks.ts";
import type { Minter } from "./minter.ts";
import { stsTimeoutMs } from "./sts.ts";

const partition = "lease";
/** Longer than STS is waited for: a minter killed in between holds nobody up for longer than this. */
const holdMs = stsTimeoutMs + 2_000;
/** AWS's times are whole seconds: the next session of this name is asked for at least this long after the last answer. */
const apartMs = 1_000;
const pollMs = 50;
const waitMaxMs = 8_000;

export interface Lease {
  /** STS answered, or will not: the next may start a second from now. */
  release(): Promise<void>;
}

/**
 * Never two sessions of one (role, session name) in one second, so that (principal, creationDate) names one session of
 * ours in the trail. Taken before STS; who comes second waits.
 *
 * @throws Refusal `mint.busy` when the wait gets long.
 */
export async function takeLease(minter: Minter, { terms, session_name, mint_id }: Clearance): Promise<Lease> {
  const { store, now, wait } = minter;
  const sort = `${terms.role.arn}#${session_name}`;
  for (let waited = 0; waited <= waitMaxMs; waited += pollMs) {
    const expires_at = now().getTime() + holdMs;
    if (await store.put({ partition, sort, value: { mint_id }, expires_at }, { absent: true })) {
      return {
        release: async () => {
          await store.put(
            { partition, sort, value: { mint_id }, expires_at: now().getTime() + apartMs },
            { any: true },
          );
        },
      };
    }
    await wait(pollMs);
  }
  throw new Refusal("mint.busy", "Other credentials for you and this role are being made just now.", {
    help: "Wait a few seconds and try again; you may have this page open twice.",
  });
}
