import type { Ledger } from "../ledger.ts";
import type { LiveSession, Trail } from "../trail.ts";
import type { MintRow, Mints } from "./rows.ts";

/** A mint without an outcome this long after its intent has none to come. */
const settledAfterMs = 120_000;
/** The trail is taken to hold a session's record when it is complete this far past the intent. AWS: usually 5 minutes. */
const trailLagMs = 900_000;

/**
 * Closes mints that ended without an outcome (STS did not answer, the process died): from the trail, which says whether
 * STS made a session. If it did, nobody ever held its key: `withheld`.
 *
 * @returns how many were closed.
 */
export async function closeUnknown({
  mints,
  ledger,
  trail,
  now,
}: {
  mints: Mints;
  ledger: Ledger;
  trail: Trail;
  now: () => Date;
}): Promise<number> {
  await mints.refresh();
  const open = [...mints.all()].filter((row) => isOpen(row, now()));
  if (open.length === 0) return 0;
  const completeUpTo = await trail.completeUpTo();
  let closed = 0;
  for (const row of open) {
    const session = (await trail.liveSessionsOf(row.role, whenIssued(row))).find(
      ({ mint_id }) => mint_id === row.mint_id,
    );
    if (session === undefined && !isPast(completeUpTo, row)) continue;
    await ledger.append({ kind: "mint.closed", body: closing(row, session) });
    closed += 1;
  }
  return closed;
}

/** STS answers in the second of the intent or soon after; no session lives shorter than 15 minutes. */
const whenIssued = ({ intended_at }: MintRow): string =>
  new Date(Date.parse(intended_at) + settledAfterMs).toISOString().replace(/\.\d+Z$/, "Z");

const isOpen = ({ outcome, intended_at }: MintRow, now: Date): boolean =>
  outcome === "unknown" && now.getTime() - Date.parse(intended_at) > settledAfterMs;

const isPast = (completeUpTo: string | null, { intended_at }: MintRow): boolean =>
  completeUpTo !== null && Date.parse(completeUpTo) - Date.parse(intended_at) > trailLagMs;

function closing({ mint_id }: MintRow, session: LiveSession | undefined) {
  if (session === undefined) {
    return {
      mint_id,
      outcome: "failed",
      why: "the trail has no session of this mint",
      access_key_id: null,
      issued_at: null,
      expires_at: null,
    } as const;
  }
  const { access_key_id, issued_at, expires_at } = session;
  const why = "the trail has the session; its key was never handed over";
  return { mint_id, outcome: "withheld", why, access_key_id, issued_at, expires_at } as const;
}
