import { z } from "zod";

const text = z.string().nullable();

/** A session of a role, as the trail shows it. */
const LiveSession = z.strictObject({
  session_id: z.string(),
  access_key_id: text,
  origin: z.enum(["broker", "outside", "service", "console", "no-record"]),
  caller: z.string(),
  session_name: text,
  source_identity: text,
  mint_id: text,
  issued_at: text,
  expires_at: text,
  last_call_at: text,
  calls: z.number(),
  parent_session_id: text,
});
export type LiveSession = Readonly<z.infer<typeof LiveSession>>;

const CallAfter = z.strictObject({
  session_id: z.string(),
  event_id: z.string(),
  happened_at: z.string(),
  source: z.string(),
  name: z.string(),
  outcome: z.enum(["ok", "denied", "failed"]),
  error_code: text,
  error_message: text,
  /** Signed by the session's own key, not forwarded by a service (`invokedBy`). */
  direct: z.boolean(),
});
export type CallAfter = Readonly<z.infer<typeof CallAfter>>;

/**
 * What core asks of the trail. `queries/trail.ts` implements it over an engine; functions hand it in. Core never sees
 * SQL, and tests hand in plain values.
 */
export interface Trail {
  /** Sessions of the role not expired at `at` (ISO), services' included. */
  liveSessionsOf(role: string, at: string): Promise<readonly LiveSession[]>;
  /** Calls of these sessions at or after `since` (ISO), oldest first. */
  callsAfter(sessionIds: readonly string[], since: string): Promise<readonly CallAfter[]>;
  /** Events up to this ISO time are in, as far as delivery tells; null when nothing was read yet. */
  completeUpTo(): Promise<string | null>;
}

/** A caller's way into a role that the broker did not issue, with how often it was seen. */
const OutsideWay = z.strictObject({
  caller: z.string(),
  role: text,
  /** The call that issued it; `unknown` where the log has none. */
  made_by: z.string(),
  sessions: z.number(),
  first_at: z.string(),
});
export type OutsideWay = Readonly<z.infer<typeof OutsideWay>>;
export const OutsideWays = z.array(OutsideWay);

/** What is asked of the trail by who tells people. */
export interface OutsideTrail {
  /** Ways with a session at or after `since` (ISO) that is neither the broker's nor a service's, the first seen first. */
  outsideSince(since: string): Promise<readonly OutsideWay[]>;
}

const time = z.iso.datetime();

export const OutsideAsk = z.strictObject({ asks: z.literal("outside"), since: time });

/** What a function that has no engine asks the one that has, across Lambda. How far the trail is complete, the store tells. */
export const TrailAsk = z.discriminatedUnion("asks", [
  z.strictObject({ asks: z.literal("live-sessions"), role: z.string().max(2_048), at: time }),
  z.strictObject({ asks: z.literal("calls-after"), session_ids: z.array(z.string().max(64)).max(5_000), since: time }),
]);
export type TrailAsk = z.infer<typeof TrailAsk>;

export const LiveSessions = z.array(LiveSession);
export const CallsAfter = z.array(CallAfter);
