/** How a session came to be, as the story meant it. */
export type Origin =
  | "broker"
  | "broker-machinery"
  | "service"
  | "pipeline"
  | "supplier"
  | "identity-center"
  | "console"
  | "long-term-key"
  | "chain"
  | "incident";

/** One session as the story meant it. `api` is null where no record issues it (console sign-ins). */
export interface TrueSession {
  readonly access_key_id: string | null;
  readonly principal_id: string;
  readonly created_at: string;
  readonly api: string | null;
  readonly origin: Origin;
  /** The caller's name by the rule of facts: what `who-assumed-which-role` shows. */
  readonly caller: string | null;
  readonly role: string | null;
  readonly session_name: string | null;
  /** AssumeRole* on the path, and one more where a role session of another organisation's account asked. */
  readonly hops: number;
  /** The issued key of the session it was made from; null for none, and for a console session, which has no such key. */
  readonly parent_key: string | null;
  readonly mint_id: string | null;
  /** Calls under the issued key, and under other keys of the same principal and creationDate. */
  calls: number;
  calls_by_other_keys: number;
  denied_calls: number;
}

export interface TrueEdge {
  readonly caller: string;
  /** Null where a refusal names no role at all. */
  readonly role: string | null;
  readonly api: string;
  succeeded: number;
  failed: number;
}

export interface TrueRefusal {
  readonly event_id: string;
  readonly happened_at: string;
  readonly caller: string;
  /** Null where the record names no role at all. */
  readonly role: string | null;
  readonly error_code: string;
}

/** `<world>/story-truth.json`: what the story meant, counted from its plan. */
export interface StoryTruth {
  readonly version: 1;
  readonly since: string;
  readonly until: string;
  records: number;
  distinct_events: number;
  duplicates: number;
  files: number;
  addenda: number;
  late: number;
  first_event_at: string;
  last_event_at: string;
  denied_events: number;
  cross_account_pairs: number;
  console_logins: { succeeded: number; failed: number; with_mfa: number };
  mints: { handed_over: number; used: number; never_used: number; refused: number; withheld: number };
  sessions: TrueSession[];
  edges: TrueEdge[];
  refused_assumptions: TrueRefusal[];
  incident: unknown;
}

export const emptyTruth = (since: string, until: string): StoryTruth => ({
  version: 1,
  since,
  until,
  records: 0,
  distinct_events: 0,
  duplicates: 0,
  files: 0,
  addenda: 0,
  late: 0,
  first_event_at: "9",
  last_event_at: "",
  denied_events: 0,
  cross_account_pairs: 0,
  console_logins: { succeeded: 0, failed: 0, with_mfa: 0 },
  mints: { handed_over: 0, used: 0, never_used: 0, refused: 0, withheld: 0 },
  sessions: [],
  edges: [],
  refused_assumptions: [],
  incident: null,
});

/** caller → role → API, both accounts' copies as one. */
export class Edges {
  readonly #edges = new Map<string, TrueEdge>();

  count(caller: string, role: string | null, api: string, succeeded: boolean): void {
    const key = `${caller}\n${role}\n${api}`;
    let edge = this.#edges.get(key);
    if (edge === undefined) {
      edge = { caller, role, api, succeeded: 0, failed: 0 };
      this.#edges.set(key, edge);
    }
    if (succeeded) edge.succeeded += 1;
    else edge.failed += 1;
  }

  list(): TrueEdge[] {
    return [...this.#edges].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, edge]) => edge);
  }
}
