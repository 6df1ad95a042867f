import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { inTurn } from "./in-turn.ts";
import type { Body, Kind } from "./ledger-kinds.ts";
import type { NewRow, Put, Row, Store } from "./store/index.ts";

/** One line of the ledger. `hash` covers everything else, the previous entry's hash included (RFC 8785, SHA-256, hex). */
export interface Entry<K extends Kind = Kind> {
  /** `<function>-<n>`: who may write here. One chain a shard. */
  readonly shard: string;
  /** From 1, without holes. */
  readonly seq: number;
  /** UTC with milliseconds. */
  readonly at: string;
  readonly kind: K;
  readonly body: Body<K>;
  /** Hash of seq - 1; of the first entry, 64 zeros. */
  readonly previous: string;
  readonly hash: string;
}

export type NewEntry = { [K in Kind]: { readonly kind: K; readonly body: Body<K>; readonly at?: Date } }[Kind];

/** Append-only, one hash chain a writer: an append is one conditional put on (shard, seq), no transaction. */
export interface Ledger {
  /** Answers once the entry is safe on disk. @throws Error when it could not be written: then nothing may be handed over. */
  append(entry: NewEntry, beside?: Beside): Promise<Entry>;
  /** Many at once, in order, with their own times: for a story or an import. */
  appendAll(entries: readonly NewEntry[]): Promise<void>;
}

/** Rows that go to the store in one group with an entry: one commit, where the store can (core/store). */
export interface Beside {
  /** Must be written first: where one cannot, the entry is not written either. */
  readonly before?: readonly Put[];
  readonly after?: readonly Put[];
}

/** A row that had to go before an entry could not be written; those before it were, the entry was not. */
export class Blocked extends Error {
  readonly row: Put;

  constructor(row: Put) {
    super(`${row.partition}: a row that had to go first could not be written`);
    this.name = "Blocked";
    this.row = row;
  }
}

const nothingBefore = "0".repeat(64);
/** Sequence numbers as sort keys: byte order is number order up to 10^12. */
const digits = 12;
/** A shard has one writer in practice; a lost race means a second process, and losing this often means something else. */
const attemptsMax = 50;
const shardsPartition = "ledger";

/** @param shard `<function>-<n>`, e.g. `mint-1`. */
export function openLedger(store: Store, shard: string, now: () => Date): Ledger {
  let head: Promise<Head> | undefined;
  // Appends of one writer queue up: side by side they would only lose races against each other.
  const queued = inTurn();
  const forget = (error: unknown): never => {
    // What was written is not known: look again next time.
    head = undefined;
    throw error;
  };
  const headOf = (): Promise<Head> => {
    head ??= enterShard(store, shard).then(() => readHead(store, shard));
    return head.catch(forget);
  };
  // Fewer than asked for: another writer was first. The rows before the entries are written all the same.
  const appendOnce = async (
    entries: readonly NewEntry[],
    { before = [], after = [] }: Beside,
  ): Promise<readonly Entry[]> => {
    const chained = chain(await headOf(), shard, entries, now);
    const put = await putRows(store, [...before, ...chained.map(rowOf), ...after]).catch(forget);
    const blocked = before[put];
    if (blocked !== undefined) throw new Blocked(blocked);
    const written = chained.slice(0, put - before.length);
    const last = written.at(-1);
    head = written.length < chained.length || last === undefined ? undefined : Promise.resolve(last);
    return written;
  };
  const appendFrom = async (
    entries: readonly NewEntry[],
    { before = [], after = [] }: Beside = {},
  ): Promise<Entry[]> => {
    const written: Entry[] = [];
    let beside: Beside = { before, after };
    for (let lost = 0; lost < attemptsMax; lost += 1) {
      const some = await appendOnce(entries.slice(written.length), beside);
      written.push(...some);
      if (written.length === entries.length) return written;
      beside = { after };
      if (some.length > 0) lost = 0;
    }
    throw new Error(`ledger ${shard}: lost ${attemptsMax} races in a row`);
  };
  return {
    append: (entry, beside) =>
      queued(async () => {
        const [written] = await appendFrom([entry], beside);
        if (written === undefined) throw new Error(`ledger ${shard}: nothing was written`);
        return written;
      }),
    appendAll: (entries) =>
      queued(async () => {
        if (entries.length > 0) await appendFrom(entries);
      }),
  };
}

export type Head = Pick<Entry, "seq" | "hash">;

function chain(head: Head, shard: string, entries: readonly NewEntry[], now: () => Date): Entry[] {
  let { seq, hash } = head;
  return entries.map(({ kind, body, at }) => {
    seq += 1;
    const unsigned = { shard, seq, at: (at ?? now()).toISOString(), kind, body, previous: hash };
    hash = hashOf(unsigned);
    return { ...unsigned, hash };
  });
}

function putRows(store: Store, rows: readonly Put[]): Promise<number> {
  const [only] = rows;
  if (rows.length === 1 && only !== undefined) {
    return store.put(only, { absent: true }).then((written) => (written ? 1 : 0));
  }
  return store.putAll(rows);
}

const rowOf = (entry: Entry): NewRow => ({
  partition: `ledger#${entry.shard}`,
  sort: sortOf(entry.seq),
  value: entry,
  durable: true,
});

const sortOf = (seq: number): string => String(seq).padStart(digits, "0");

/** Names the shard where `shardsOf` finds it. Its own row holds nothing that could be changed unseen. */
async function enterShard(store: Store, shard: string): Promise<void> {
  await store.put({ partition: shardsPartition, sort: shard, value: {} }, { absent: true });
}

async function readHead(store: Store, shard: string): Promise<Head> {
  const [newest] = await store.list(`ledger#${shard}`, { newestFirst: true, limit: 1 });
  return newest === undefined ? { seq: 0, hash: nothingBefore } : entryOf(newest);
}

/** Where each chain ends now, by shard. */
export async function headsOf(store: Store): Promise<ReadonlyMap<string, Head>> {
  const shards = await shardsOf(store);
  const heads = await Promise.all(shards.map((shard) => readHead(store, shard)));
  return new Map(
    shards.flatMap((shard, at) => (heads[at] !== undefined && heads[at].seq > 0 ? [[shard, heads[at]]] : [])),
  );
}

/** Whether the chain has this very entry. */
export async function hasEntry(store: Store, shard: string, { seq, hash }: Head): Promise<boolean> {
  const [entry] = await readLedger(store, shard, seq - 1, 1);
  return entry?.seq === seq && entry.hash === hash;
}

export async function shardsOf(store: Store): Promise<readonly string[]> {
  return (await store.list(shardsPartition)).map((row) => row.sort);
}

/** Entries after `afterSeq`, oldest first, at most `limit`. */
export async function readLedger(
  store: Store,
  shard: string,
  afterSeq: number,
  limit: number,
): Promise<readonly Entry[]> {
  return (await store.list(`ledger#${shard}`, { from: sortOf(afterSeq + 1), limit })).map(entryOf);
}

/** SHA-256 over the RFC 8785 form of everything but the hash itself, also what does not belong there. */
export function hashOf(entry: Omit<Entry, "hash">): string {
  const text = canonicalize({ ...entry, hash: undefined });
  if (text === undefined) throw new Error("a ledger entry has no canonical form");
  return createHash("sha256").update(text).digest("hex");
}

// The one sealed cast: only `rowOf` above writes these partitions, and `verifyLedger` reads them distrustfully.
const entryOf = (row: Row): Entry => row.value as Entry;

export interface LedgerFault {
  readonly shard: string;
  /** The first entry that is not as it was written; the one after a hole when entries are missing. */
  readonly seq: number;
  readonly why: "hole" | "previous" | "hash" | "place";
}

export interface LedgerReport {
  readonly entries: number;
  readonly shards: readonly { readonly shard: string; readonly entries: number; readonly head: string }[];
  /** The first bad entry of each shard; empty when the whole ledger is sound. */
  readonly faults: readonly LedgerFault[];
}

/**
 * Walks every chain and names the first bad entry of each. A tail cut off a shard looks like a shorter ledger: only a
 * head remembered elsewhere shows that.
 *
 * @param remembered heads (shard → seq and hash) kept outside the store, when there are any.
 */
export async function verifyLedger(
  store: Store,
  remembered: ReadonlyMap<string, Head> = new Map(),
): Promise<LedgerReport> {
  const shards: { shard: string; entries: number; head: string }[] = [];
  const faults: LedgerFault[] = [];
  for (const shard of new Set([...(await shardsOf(store)), ...remembered.keys()])) {
    const { head, fault } = await verifyShard(store, shard, remembered.get(shard));
    shards.push({ shard, entries: head.seq, head: head.hash });
    if (fault !== null) faults.push(fault);
  }
  return { entries: shards.reduce((sum, { entries }) => sum + entries, 0), shards, faults };
}

const pageOfEntries = 2_000;

/** @param from the entry after which it begins, when what stands before is known to be sound. */
export async function verifyShard(
  store: Store,
  shard: string,
  remembered?: Head,
  from: Head = { seq: 0, hash: nothingBefore },
): Promise<{ head: Head; fault: LedgerFault | null }> {
  let head = from;
  for (;;) {
    const rows = await store.list(`ledger#${shard}`, { from: sortOf(head.seq + 1), limit: pageOfEntries });
    for (const row of rows) {
      const why = faultOf(row, shard, head, remembered);
      if (why !== null) return { head, fault: { shard, seq: head.seq + 1, why } };
      head = entryOf(row);
    }
    if (rows.length < pageOfEntries) break;
  }
  const cut = remembered !== undefined && head.seq < remembered.seq;
  return { head, fault: cut ? { shard, seq: head.seq + 1, why: "hole" } : null };
}

function faultOf(row: Row, shard: string, head: Head, remembered: Head | undefined): LedgerFault["why"] | null {
  if (row.sort !== sortOf(head.seq + 1)) return "hole";
  if (!(row.value instanceof Object)) return "hash";
  const entry = entryOf(row);
  if (entry.shard !== shard || entry.seq !== head.seq + 1) return "place";
  if (entry.previous !== head.hash) return "previous";
  if (hashOf(entry) !== entry.hash) return "hash";
  return remembered?.seq === entry.seq && remembered.hash !== entry.hash ? "hash" : null;
}
