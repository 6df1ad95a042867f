import type { Road } from "../access.ts";
import { type Entry, readLedger, shardsOf } from "../ledger.ts";
import type { Body } from "../ledger-kinds.ts";
import type { Store } from "../store/index.ts";

/** What the ledger says of one mint, made of its intent and its outcome. `unknown` until an outcome is there. */
export interface MintRow {
  readonly mint_id: string;
  readonly person_id: string;
  readonly account: string;
  readonly role: string;
  readonly road: Road;
  readonly seconds: number;
  readonly reason: string | null;
  readonly session_policy: string | null;
  readonly session_name: string;
  readonly source_identity: string | null;
  readonly outcome: "handed-over" | "refused" | "withheld" | "failed" | "unknown";
  readonly intended_at: string;
  readonly issued_at: string | null;
  readonly expires_at: string | null;
  readonly access_key_id: string | null;
  readonly principal_id: string | null;
  /** Where the newest word on it stands. */
  readonly ledger: { readonly shard: string; readonly seq: number; readonly hash: string };
}

/** All mints of the ledger, kept in memory and read on from where it was. */
export interface Mints {
  /** Reads what is new; answers the mints it changed, as they now are. */
  refresh(): Promise<readonly MintRow[]>;
  get(mintId: string): MintRow | undefined;
  all(): Iterable<MintRow>;
  /** Mints of one role, oldest first. */
  ofRole(role: string): readonly MintRow[];
}

const pageOfEntries = 2_000;

export const openMints = (store: Store): Mints => new LedgerMints(store);

class LedgerMints implements Mints {
  readonly #store: Store;
  readonly #rows = new Map<string, MintRow>();
  readonly #byRole = new Map<string, string[]>();
  readonly #readTo = new Map<string, number>();
  /** What was read of mints whose intent stands in a shard that was not read so far yet. */
  readonly #early = new Map<string, Entry[]>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: Store) {
    this.#store = store;
  }

  refresh(): Promise<readonly MintRow[]> {
    const mine = this.#turn.then(
      () => this.#read(),
      () => this.#read(),
    );
    this.#turn = mine;
    return mine;
  }

  get(mintId: string): MintRow | undefined {
    return this.#rows.get(mintId);
  }

  all(): Iterable<MintRow> {
    return this.#rows.values();
  }

  ofRole(role: string): readonly MintRow[] {
    return (this.#byRole.get(role) ?? []).flatMap((id) => this.#rows.get(id) ?? []);
  }

  async #read(): Promise<readonly MintRow[]> {
    const changed = new Map<string, MintRow>();
    const readOn = async (shard: string): Promise<void> => {
      for await (const entry of this.#newEntriesOf(shard)) {
        const row = this.#take(entry);
        if (row !== null) changed.set(row.mint_id, row);
      }
    };
    // Side by side: on AWS there is a chain for each instance that ever ran, and each costs a round trip.
    const read = await Promise.allSettled((await shardsOf(this.#store)).map(readOn));
    const failed = read.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
    return [...changed.values()];
  }

  async *#newEntriesOf(shard: string): AsyncGenerator<Entry> {
    let count: number;
    do {
      const entries = await readLedger(this.#store, shard, this.#readTo.get(shard) ?? 0, pageOfEntries);
      count = entries.length;
      for (const entry of entries) {
        yield entry;
        this.#readTo.set(shard, entry.seq);
      }
    } while (count === pageOfEntries);
  }

  #take(entry: Entry): MintRow | null {
    const row = rowAfter(entry, this.#rows);
    if (row === null) {
      if (isOutcome(entry))
        this.#early.set(entry.body.mint_id, [...(this.#early.get(entry.body.mint_id) ?? []), entry]);
      return null;
    }
    if (!this.#rows.has(row.mint_id)) {
      const ids = this.#byRole.get(row.role);
      if (ids === undefined) this.#byRole.set(row.role, [row.mint_id]);
      else ids.push(row.mint_id);
    }
    this.#rows.set(row.mint_id, row);
    return this.#takeEarly(row);
  }

  /** The sweep closes mints of other writers in a chain of its own, which may be read before theirs. */
  #takeEarly(row: MintRow): MintRow {
    const early = this.#early.get(row.mint_id) ?? [];
    this.#early.delete(row.mint_id);
    return early.reduce((latest, entry) => this.#take(entry) ?? latest, row);
  }
}

/** The mint as this entry leaves it; null for an entry that is about something else. */
function rowAfter(entry: Entry, rows: ReadonlyMap<string, MintRow>): MintRow | null {
  const ledger = { shard: entry.shard, seq: entry.seq, hash: entry.hash };
  if (isKind(entry, "mint.intended")) return intended(entry.body, entry.at, ledger);
  const row = isOutcome(entry) ? rows.get(entry.body.mint_id) : undefined;
  if (row === undefined || !isOutcome(entry)) return null;
  const { body } = entry;
  return {
    ...row,
    outcome: isKind(entry, "mint.closed") ? entry.body.outcome : outcomes[entry.kind],
    issued_at: "issued_at" in body ? body.issued_at : row.issued_at,
    expires_at: "expires_at" in body ? body.expires_at : row.expires_at,
    access_key_id: "access_key_id" in body ? body.access_key_id : row.access_key_id,
    principal_id: "principal_id" in body ? body.principal_id : row.principal_id,
    ledger,
  };
}

const outcomes = {
  "mint.handed-over": "handed-over",
  "mint.refused": "refused",
  "mint.withheld": "withheld",
  "mint.failed": "failed",
  "mint.unknown": "unknown",
  "mint.closed": "unknown",
} as const;
type OutcomeKind = keyof typeof outcomes;

const isOutcome = (entry: Entry): entry is Entry<OutcomeKind> => Object.hasOwn(outcomes, entry.kind);
const isKind = <K extends Entry["kind"]>(entry: Entry, kind: K): entry is Entry<K> => entry.kind === kind;

function intended(body: Body<"mint.intended">, at: string, ledger: MintRow["ledger"]): MintRow {
  const { mint_id, person_id, account, role, road, seconds, reason } = body;
  const { session_policy, session_name, source_identity } = body;
  return {
    mint_id,
    person_id,
    account,
    role,
    road,
    seconds,
    reason,
    session_policy,
    session_name,
    source_identity,
    outcome: "unknown",
    intended_at: at,
    issued_at: null,
    expires_at: null,
    access_key_id: null,
    principal_id: null,
    ledger,
  };
}
