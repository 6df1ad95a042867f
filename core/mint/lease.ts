import type { Put } from "../store/index.ts";
import type { Clearance } from "./checks.ts";
import type { Minter } from "./minter.ts";
import { stsTimeoutMs } from "./sts.ts";

/** Longer than STS is waited for: a minter killed in between holds nobody up for longer than this. */
const holdMs = stsTimeoutMs + 2_000;
/** AWS's times are whole seconds: the next session of this name is asked for at least this long after the last answer. */
const apartMs = 1_000;
/**
 * Never two sessions of one (role, session name) in one second, so that (principal, creationDate) names one session of
 * ours in the trail. Taken before STS, in one commit with the intent; who comes second waits.
 */
export const leaseOf = (minter: Minter, clearance: Clearance): Put => ({
  ...rowFor(clearance),
  expires_at: minter.now().getTime() + holdMs,
});

/** STS answered, or will not: the next may start a second from now. Goes with the outcome. */
export const releaseOf = (minter: Minter, clearance: Clearance): Put => ({
  ...rowFor(clearance),
  expires_at: minter.now().getTime() + apartMs,
  condition: { any: true },
});

const rowFor = ({ terms, session_name, mint_id }: Clearance): Pick<Put, "partition" | "sort" | "value"> => ({
  partition: "lease",
  sort: `${terms.role.arn}#${session_name}`,
  value: { mint_id },
});
