/**
 * What core asks of the trail. `queries/trail.ts` implements it over the engine; functions hand it in. Core never sees
 * SQL, and tests hand in plain values.
 */
export interface LiveSession {
  readonly session_id: string;
  readonly access_key_id: string | null;
  readonly origin: "broker" | "outside" | "service" | "console" | "no-record";
  readonly caller: string;
  readonly session_name: string | null;
  readonly source_identity: string | null;
  readonly mint_id: string | null;
  readonly issued_at: string | null;
  readonly expires_at: string | null;
  readonly last_call_at: string | null;
  readonly calls: number;
  readonly parent_session_id: string | null;
}

export interface CallAfter {
  readonly session_id: string;
  readonly event_id: string;
  readonly happened_at: string;
  readonly source: string;
  readonly name: string;
  readonly outcome: "ok" | "denied" | "failed";
  readonly error_code: string | null;
  readonly error_message: string | null;
  /** Signed by the session's own key, not forwarded by a service (`invokedBy`). */
  readonly direct: boolean;
}

export interface Trail {
  /** Sessions of the role not expired at `at` (ISO), services' included. */
  liveSessionsOf(role: string, at: string): Promise<readonly LiveSession[]>;
  /** Calls of these sessions at or after `since` (ISO), oldest first. */
  callsAfter(sessionIds: readonly string[], since: string): Promise<readonly CallAfter[]>;
  /** Events up to this ISO time are in, as far as delivery tells; null when nothing was read yet. */
  completeUpTo(): Promise<string | null>;
}
