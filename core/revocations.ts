import { sessionId } from "./ids.ts";
import type { MintRow } from "./mint/rows.ts";
import type { CallAfter, LiveSession, Trail } from "./trail.ts";
import type { RevocationCounts } from "./views.ts";
import type { RevokedSession } from "./wire.ts";

/** What the states hang on. */
export interface Revoked {
  readonly role: string;
  readonly asked_at: string;
  readonly stored_at: string | null;
  readonly cutoff: string;
}

/** An allowed call later than this after the cutoff is a leak: AWS makes a policy known within minutes. */
const leakAfterMs = 300_000;

/**
 * What became of each session that a revocation hits, from the trail as it stands: made anew at each look, because the
 * trail comes minutes late and in any order.
 *
 * @param minted the ledger's mints of the role: sessions the trail has not shown yet are live all the same.
 */
export async function revokedSessions(
  revoked: Revoked,
  { trail, minted, now }: { readonly trail: Trail | null; readonly minted: readonly MintRow[]; readonly now: Date },
): Promise<readonly RevokedSession[]> {
  const { role, asked_at, cutoff } = revoked;
  // Alive when it was asked, and those issued from then to the cutoff, which it hits as well.
  const [then, later, completeUpTo] = await Promise.all([
    liveSessions(role, asked_at, { trail, minted }),
    liveSessions(role, cutoff, { trail, minted }),
    trail?.completeUpTo() ?? null,
  ]);
  const ids = new Set(then.map(({ session_id }) => session_id));
  const since = later.filter(({ session_id }) => !ids.has(session_id));
  const sessions = [...then, ...since].filter(({ issued_at }) => issued_at === null || issued_at < cutoff);
  const from = wholeSecond(revoked.stored_at ?? asked_at);
  const calls =
    (await trail?.callsAfter(
      sessions.map(({ session_id }) => session_id),
      from,
    )) ?? [];
  const bySession = callsBySession(calls);
  return sessions.map((session) => {
    const found = verdict(session, bySession.get(session.session_id) ?? [], { revoked, completeUpTo, now });
    return { ...lineOf(session), ...found };
  });
}

function callsBySession(calls: readonly CallAfter[]): ReadonlyMap<string, readonly CallAfter[]> {
  const bySession = new Map<string, CallAfter[]>();
  for (const call of calls) {
    const list = bySession.get(call.session_id);
    if (list === undefined) bySession.set(call.session_id, [call]);
    else list.push(call);
  }
  return bySession;
}

/** Sessions of a role that are live at `at`: the trail's, and those of the ledger that the trail has not shown yet. */
export async function liveSessions(
  role: string,
  at: string,
  { trail, minted }: { readonly trail: Trail | null; readonly minted: readonly MintRow[] },
): Promise<readonly LiveSession[]> {
  const seen = trail === null ? [] : await trail.liveSessionsOf(role, at);
  const keys = new Set(seen.flatMap(({ access_key_id }) => access_key_id ?? []));
  const ids = new Set(seen.map(({ session_id }) => session_id));
  const unseen = minted
    .filter(({ expires_at, access_key_id }) => expires_at !== null && expires_at > at && !keys.has(access_key_id ?? ""))
    .flatMap((mint) => liveOf(mint) ?? [])
    .filter(({ session_id }) => !ids.has(session_id));
  return [...seen, ...unseen];
}

/** A handed-over mint as the session it made. A withheld one is live, too: its key exists, though nobody holds it. */
function liveOf(mint: MintRow): LiveSession | null {
  const { principal_id, issued_at, outcome } = mint;
  if (principal_id === null || issued_at === null) return null;
  if (outcome !== "handed-over" && outcome !== "withheld") return null;
  return {
    session_id: sessionId(principal_id, issued_at),
    access_key_id: mint.access_key_id,
    origin: "broker",
    caller: mint.person_id,
    session_name: mint.session_name,
    source_identity: mint.source_identity,
    mint_id: mint.mint_id,
    issued_at,
    expires_at: mint.expires_at,
    last_call_at: null,
    calls: 0,
    parent_session_id: null,
  };
}

type Verdict = Pick<RevokedSession, "state" | "evidence" | "last_call_at">;

interface Circumstances {
  readonly revoked: Revoked;
  readonly completeUpTo: string | null;
  readonly now: Date;
}

/** The strongest thing the trail shows: a leak outweighs a bite, a bite outweighs silence. */
function verdict(session: LiveSession, calls: readonly CallAfter[], around: Circumstances): Verdict {
  const leakFrom = wholeSecond(new Date(Date.parse(around.revoked.cutoff) + leakAfterMs).toISOString());
  const telling = calls.filter(isTelling);
  const last_call_at = calls.at(-1)?.happened_at ?? session.last_call_at;
  const decided = (state: RevokedSession["state"], call: CallAfter): Verdict => ({
    state,
    evidence: evidenceOf(call),
    last_call_at,
  });
  const leak = telling.find((call) => call.outcome === "ok" && call.happened_at > leakFrom);
  if (leak !== undefined) return decided("leaked", leak);
  const bite = telling.find(isBite);
  if (bite !== undefined) return decided("bitten", bite);
  const denied = telling.find(({ outcome }) => outcome === "denied");
  if (denied !== undefined) return decided("denied-otherwise", denied);
  return { state: silence(session, telling, around, leakFrom), evidence: null, last_call_at };
}

/**
 * Nothing was denied. Quiet is said only when the trail is complete past the cutoff; calls that were still allowed in the
 * minutes after it leave the answer open until leaks could be seen.
 */
function silence(
  { expires_at }: LiveSession,
  telling: readonly CallAfter[],
  { revoked, completeUpTo, now }: Circumstances,
  leakFrom: string,
): RevokedSession["state"] {
  const completePast = (time: string): boolean => completeUpTo !== null && completeUpTo > time;
  if (expires_at !== null && expires_at <= now.toISOString() && completePast(expires_at)) return "expired";
  return completePast(telling.length === 0 ? revoked.cutoff : leakFrom) ? "quiet" : "waiting";
}

/** Signed by the session's own key, and not the one call that AWS never denies. */
const isTelling = ({ direct, source, name }: CallAfter): boolean =>
  direct && !(source === "sts.amazonaws.com" && name === "GetCallerIdentity");

/**
 * Denied by an explicit deny in an identity-based policy, which is what the revocation wrote. AWS says so in the error
 * message, sometimes with the policy's ARN after it; a boundary, session policy, SCP or bucket policy reads otherwise. It
 * ends the message: before it stands what was asked for, and an object may have any name.
 */
const isBite = ({ outcome, error_message }: CallAfter): boolean =>
  outcome === "denied" &&
  / with an explicit deny in an identity-based policy(: arn:\S+)?\.?$/.test(error_message ?? "");

function evidenceOf({ event_id, happened_at, name, source, error_message }: CallAfter): RevokedSession["evidence"] {
  return { event_id, happened_at, name, source, error_message };
}

function lineOf(session: LiveSession): Omit<RevokedSession, keyof Verdict> {
  const { session_id, access_key_id, origin, caller, session_name, issued_at, expires_at } = session;
  return { session_id, access_key_id, origin, caller, session_name, person_name: null, issued_at, expires_at };
}

/** CloudTrail counts whole seconds: a call of the same second must not be missed. */
const wholeSecond = (time: string): string => time.replace(/\.\d{3}Z$/, "Z");

/** Quiet: the trail is complete past the cutoff and has no call since. Waiting: it is not, so nothing can be said yet. */
export function countsOf(sessions: readonly RevokedSession[]): RevocationCounts {
  const count = (state: RevokedSession["state"]): number =>
    sessions.filter((session) => session.state === state).length;
  return {
    sessions: sessions.length,
    bitten: count("bitten"),
    denied_otherwise: count("denied-otherwise"),
    quiet: count("quiet"),
    waiting: count("waiting"),
    expired: count("expired"),
    leaked: count("leaked"),
  };
}
