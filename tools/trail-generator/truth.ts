/** What the generator knows because it made it. Counted from the plan of each session, not from the records. */
export interface Truth {
  records: number;
  distinct_events: number;
  duplicates: number;
  files: number;
  first_event_at: string;
  last_event_at: string;
  /** Distinct access keys issued by a successful AssumeRole*, GetSessionToken or GetFederationToken. */
  sessions_issued: number;
  sessions_issued_by_api: Record<string, number>;
  /** Sessions that made at least one call. */
  sessions_issued_and_used: number;
  /** Console sign-ins and roles whose issue is not in the log: one each by (principal, creationDate). */
  sessions_without_record: number;
  /** What `sessions` returns: issued or used. */
  sessions: number;
  /** Distinct temporary keys used that no record issued, and their calls. */
  keys_without_record: number;
  calls_without_record: number;
  /** Calls made with an issued session's key. */
  calls_in_issued_sessions: number;
  denied_calls_in_issued_sessions: number;
  /** Issued by a call of another session of this log. */
  sessions_with_parent: number;
  sessions_by_hops: Record<string, number>;
  assumptions_succeeded: number;
  /** AssumeRole* that failed. */
  assumptions_denied: number;
  cross_account_pairs: number;
  /** All records with a denial, merged copies counted once an account. */
  denied_events: number;
  /** caller → role → API: succeeded and failed, both accounts' copies as one. */
  edges: { caller: string; role: string; api: string; succeeded: number; failed: number }[];
}

export class Counting {
  readonly truth: Truth = {
    records: 0,
    distinct_events: 0,
    duplicates: 0,
    files: 0,
    first_event_at: "9",
    last_event_at: "",
    sessions_issued: 0,
    sessions_issued_by_api: {},
    sessions_issued_and_used: 0,
    sessions_without_record: 0,
    sessions: 0,
    keys_without_record: 0,
    calls_without_record: 0,
    calls_in_issued_sessions: 0,
    denied_calls_in_issued_sessions: 0,
    sessions_with_parent: 0,
    sessions_by_hops: {},
    assumptions_succeeded: 0,
    assumptions_denied: 0,
    cross_account_pairs: 0,
    denied_events: 0,
    edges: [],
  };
  readonly #taken = new Set<string>();
  readonly #edges = new Map<string, Truth["edges"][number]>();

  edge(caller: string, role: string, api: string, succeeded: boolean): void {
    const key = `${caller}\n${role}\n${api}`;
    let edge = this.#edges.get(key);
    if (edge === undefined) {
      edge = { caller, role, api, succeeded: 0, failed: 0 };
      this.#edges.set(key, edge);
    }
    if (succeeded) {
      edge.succeeded += 1;
      this.truth.assumptions_succeeded += 1;
    } else {
      edge.failed += 1;
      this.truth.assumptions_denied += 1;
      this.truth.denied_events += 1;
    }
  }

  issued(api: string, hops: number, hasParent: boolean): void {
    this.truth.sessions_issued += 1;
    this.truth.sessions += 1;
    this.truth.sessions_issued_by_api[api] = (this.truth.sessions_issued_by_api[api] ?? 0) + 1;
    this.truth.sessions_by_hops[hops] = (this.truth.sessions_by_hops[hops] ?? 0) + 1;
    if (hasParent) this.truth.sessions_with_parent += 1;
  }

  /** The session at a second at which its principal got no other: (principal, creationDate) stays unique. */
  free<Session extends { readonly roleId: string; readonly name: string; readonly created: number }>(
    session: Session,
  ): Session {
    return { ...session, created: this.#freeSecond(`${session.roleId}:${session.name}`, session.created) };
  }

  freeUser(name: string, at: number): number {
    return this.#freeSecond(name, at);
  }

  #freeSecond(principal: string, wanted: number): number {
    let at = wanted;
    while (this.#taken.has(`${principal}@${at}`)) at += 1;
    this.#taken.add(`${principal}@${at}`);
    return at;
  }

  /** Seconds of other days cannot collide. */
  newDay(): void {
    this.#taken.clear();
  }

  used(made: { readonly calls: number; readonly denied: number }): void {
    if (made.calls > 0) this.truth.sessions_issued_and_used += 1;
    this.truth.calls_in_issued_sessions += made.calls;
    this.truth.denied_calls_in_issued_sessions += made.denied;
  }

  withoutRecord(keys: number, calls: number): void {
    if (calls === 0) return;
    this.truth.sessions_without_record += 1;
    this.truth.sessions += 1;
    this.truth.keys_without_record += keys;
    this.truth.calls_without_record += calls;
  }

  finish(): Truth {
    this.truth.edges = [...this.#edges.values()].sort((a, b) => (edgeKey(a) < edgeKey(b) ? -1 : 1));
    return this.truth;
  }
}

const edgeKey = (edge: Truth["edges"][number]): string => `${edge.caller}\n${edge.role}\n${edge.api}`;
