import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { z } from "zod";
import { type Head, hasEntry, headsOf, readLedger, shardsOf, verifyShard } from "./ledger.ts";
import type { Body } from "./ledger-kinds.ts";
import type { Store } from "./store/index.ts";

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const AnchoredHead = z.strictObject({ shard: z.string(), seq: z.int().positive(), hash: Hash });
type AnchoredHead = z.infer<typeof AnchoredHead>;

/** Where every chain of the ledger ended at one moment, signed, where nobody can take it back. */
export const Anchor = z.strictObject({
  at: z.iso.datetime(),
  /** Sorted by shard. */
  heads: z.array(AnchoredHead),
  /** Merkle root over the heads (RFC 6962's hashing), hex. */
  root: Hash,
  /** Root of the anchor before; null of the first. */
  previous: Hash.nullable(),
  /** ES256 over the RFC 8785 form of {at, previous, root}, base64url. */
  signature: z.string(),
});
export type Anchor = z.infer<typeof Anchor>;

/** Who can sign anchors, and who can tell that one is ours. */
export interface AnchorKey {
  sign(text: string): Promise<string>;
  verify(text: string, signature: string): Promise<boolean>;
}

/** A place where what was put stays as it is: objects with Object Lock, on AWS. */
export interface AnchorPlace {
  /** The anchor that was put last, as text; null before the first. */
  newest(): Promise<string | null>;
  /** @throws Error when one of that time is there. */
  put(at: Date, text: string): Promise<void>;
}

export interface Anchors {
  readonly place: AnchorPlace;
  readonly key: AnchorKey;
}

/**
 * Anchors the heads as they are, unless nothing moved since. What was anchored last must still be in the ledger, and what
 * came since must be one unbroken chain: a ledger that was cut, rewritten or restored is never anchored over.
 *
 * @returns the anchor that was put; null when the last one still stands.
 * @throws Error naming what is wrong, for an alarm.
 */
export async function anchorLedger(store: Store, { place, key }: Anchors, now: () => Date): Promise<Anchor | null> {
  const last = await latestAnchor({ place, key });
  const accepted = await reconciled(store);
  const lost = last === null ? [] : await lostSince(store, last, accepted);
  if (lost.length > 0) throw new Error(`the ledger lacks what was anchored: ${lost.map(wordsOf).join(", ")}`);
  const heads = sorted(await headsOf(store));
  const root = rootOf(heads);
  if (last?.root === root) return null;
  for (const { shard, seq } of heads) {
    const { fault } = await verifyShard(store, shard, undefined, startOf(shard, last, accepted));
    if (fault !== null) throw new Error(`the ledger is not sound: ${shard} ${fault.seq} (${fault.why}), head ${seq}`);
  }
  const at = now();
  const unsigned = { at: at.toISOString(), previous: last?.root ?? null, root };
  const anchor = { ...unsigned, heads, signature: await key.sign(signedText(unsigned)) };
  await place.put(at, JSON.stringify(anchor));
  return anchor;
}

/** The newest anchor. @throws Error when it is not one of ours. */
export async function latestAnchor({ place, key }: Anchors): Promise<Anchor | null> {
  const text = await place.newest();
  if (text === null) return null;
  const anchor = Anchor.parse(JSON.parse(text));
  if (rootOf(anchor.heads) !== anchor.root || !(await key.verify(signedText(anchor), anchor.signature)))
    throw new Error(`the newest anchor (${anchor.at}) is not signed by our key`);
  return anchor;
}

export type Lost = Body<"ledger.reconciled">["lost"][number];

/** Chains that end before what was anchored of them, or went another way, and that nobody has looked at yet. */
export async function lostSince(
  store: Store,
  anchor: Anchor,
  accepted: readonly Lost[] = [],
): Promise<readonly Pick<Lost, "shard" | "anchored">[]> {
  const known = new Set(accepted.map(({ shard, anchored }) => keyOf({ shard, ...anchored })));
  const open = anchor.heads.filter((head) => !known.has(keyOf(head)));
  const there = await Promise.all(open.map((head) => hasEntry(store, head.shard, head)));
  return open.filter((_, at) => there[at] !== true).map(({ shard, seq, hash }) => ({ shard, anchored: { seq, hash } }));
}

/** What was lost and looked at, of all times (core/reconcile.ts wrote it). */
export async function reconciled(store: Store): Promise<readonly Lost[]> {
  const shards = (await shardsOf(store)).filter((shard) => shard.startsWith(`${reconcileWriter}-`));
  const entries = await Promise.all(shards.map((shard) => readLedger(store, shard, 0, 10_000)));
  return entries.flat().flatMap((entry) => (isReconciled(entry) ? entry.body.lost : []));
}

/** The writer whose chains hold what was reconciled. */
export const reconcileWriter = "reconcile";

const isReconciled = (entry: {
  kind: string;
  body: object;
}): entry is { kind: string; body: Body<"ledger.reconciled"> } => entry.kind === "ledger.reconciled";

/** Where the unbroken part begins that is to be verified now; undefined is from the first entry. */
function startOf(shard: string, last: Anchor | null, accepted: readonly Lost[]): Head | undefined {
  const head = last?.heads.find((each) => each.shard === shard);
  if (head === undefined) return undefined;
  const lost = accepted.find((each) => keyOf({ shard: each.shard, ...each.anchored }) === keyOf(head));
  return lost === undefined ? head : (lost.found ?? undefined);
}

const sorted = (heads: ReadonlyMap<string, Head>): AnchoredHead[] =>
  [...heads].map(([shard, { seq, hash }]) => ({ shard, seq, hash })).sort((a, b) => (a.shard < b.shard ? -1 : 1));

const keyOf = ({ shard, seq, hash }: AnchoredHead): string => `${shard} ${seq} ${hash}`;
const wordsOf = ({ shard, anchored }: Pick<Lost, "shard" | "anchored">): string => `${shard} ${anchored.seq}`;

const signedText = ({ at, previous, root }: Pick<Anchor, "at" | "previous" | "root">): string =>
  canonical({ at, previous, root });

/** Leaves and nodes hash differently, so that no node passes for a leaf (RFC 6962 §2.1). */
export function rootOf(heads: readonly AnchoredHead[]): string {
  let level = heads.map((head) => digest(0, Buffer.from(canonical(head))));
  if (level.length === 0) return createHash("sha256").digest("hex");
  while (level.length > 1)
    level = Array.from({ length: Math.ceil(level.length / 2) }, (_, at) => paired(level[2 * at], level[2 * at + 1]));
  return (level[0] ?? Buffer.alloc(0)).toString("hex");
}

/** One that is left over goes up as it is. */
const paired = (left: Buffer = Buffer.alloc(0), right?: Buffer): Buffer =>
  right === undefined ? left : digest(1, Buffer.concat([left, right]));

const digest = (kind: 0 | 1, content: Buffer): Buffer =>
  createHash("sha256")
    .update(Buffer.from([kind]))
    .update(content)
    .digest();

function canonical(value: object): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error("an anchor has no canonical form");
  return text;
}
