/**
 * One promise, several back-ends (libsql on a laptop, DynamoDB on AWS), one contract suite over all of them.
 *
 * Rows are JSON documents under (partition, sort). The only guarantees the product leans on are: a conditional put is
 * atomic, and reads after a put see it. No transactions: the ledger's append is one conditional put. A row past its
 * logical end counts as absent to every condition. Partitions `ledger` and `ledger#…` take new rows only (core/store/rules.ts).
 *
 * What needs two rows is two puts, and a crash between them must leave something that is safe to stand: a claim that runs
 * out (lease, idempotency key), or an intent without an outcome, which the sweep closes.
 *
 * @throws Refusal `store.busy` when the back-end asks to slow down · `store.down` when it does not answer: whether a put
 * was then written is not known.
 */
export interface Row {
  /** Owner first: `ledger#mint-1`, `freeze`, `vault`, `person#p_…`. */
  readonly partition: string;
  readonly sort: string;
  /** 1 when first written, one more at each put that replaces. Starts again some time after the row's end. */
  readonly version: number;
  /** Logical end (epoch milliseconds). A row past it is never returned, whether or not it was swept. */
  readonly expires_at: number | null;
  readonly value: unknown;
}

export interface NewRow {
  readonly partition: string;
  readonly sort: string;
  readonly value: unknown;
  readonly expires_at?: number | null;
  /** Must survive a power cut once the put has answered (ledger, freezes). A back-end that always does may ignore it. */
  readonly durable?: boolean;
}

export type Condition = { readonly absent: true } | { readonly version: number } | { readonly any: true };

/** One row of a group: it must be absent, unless it says other. */
export type Put = NewRow & { readonly condition?: Condition };

export interface Range {
  /** Inclusive. */
  readonly from?: string;
  /** Exclusive. */
  readonly to?: string;
  readonly limit?: number;
  readonly newestFirst?: boolean;
}

export interface Store {
  get(partition: string, sort: string): Promise<Row | null>;
  /** True when written; false when the condition did not hold (a live row was there, or its version differed). */
  put(row: NewRow, condition: Condition): Promise<boolean>;
  /**
   * Puts rows in order, and stops at the first whose condition does not hold. Answers how many were written. Not one
   * transaction: a reader may see the first ones only. Much faster than one put each where a back-end can group them.
   */
  putAll(rows: readonly Put[]): Promise<number>;
  /** Rows of one partition by sort key, byte order. */
  list(partition: string, range?: Range): Promise<readonly Row[]>;
  remove(partition: string, sort: string): Promise<void>;
  close(): Promise<void>;
}
