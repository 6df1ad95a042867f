import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { type Anchors, type Lost, latestAnchor, lostSince, reconciled } from "./anchors.ts";
import { headsOf, type Ledger } from "./ledger.ts";
import { Refusal } from "./refusal.ts";
import type { Store } from "./store/index.ts";

/** Whether the ledger holds what was anchored of it. */
export interface LedgerGuard {
  /** Null when it does; else why nothing is minted just now. */
  refusal(): Promise<Refusal | null>;
}

/** A ledger that was whole is looked at again after this long; one that was not, so soon that reconciling is noticed. */
const wholeForMs = 300_000;
const behindForMs = 10_000;

/**
 * After a restore nothing is minted until somebody has looked at what the ledger lost: a mint whose record is gone could
 * otherwise be made again, and who held what at that time would be guessed.
 *
 * Anchors that cannot be read stop a process that never saw them, and none that did.
 */
export function guardLedger(store: Store, open: () => Promise<Anchors>, now: () => Date): LedgerGuard {
  let known: { readonly until: number; readonly refusal: Promise<Refusal | null> } | undefined;
  let wasWhole = false;
  const look = async (): Promise<Refusal | null> => {
    try {
      const refusal = await compared(store, await open());
      wasWhole = refusal === null;
      return refusal;
    } catch (error) {
      return wasWhole ? null : unread(error);
    }
  };
  return {
    refusal: async () => {
      if (known !== undefined && now().getTime() < known.until) return known.refusal;
      const looking = look();
      // Who asks meanwhile waits for the same answer.
      known = { until: now().getTime() + behindForMs, refusal: looking };
      const refusal = await looking;
      known = { until: now().getTime() + (refusal === null ? wholeForMs : behindForMs), refusal: looking };
      return refusal;
    },
  };
}

async function compared(store: Store, anchors: Anchors): Promise<Refusal | null> {
  const anchor = await latestAnchor(anchors);
  if (anchor === null) return null;
  const lost = await lostSince(store, anchor, await reconciled(store));
  return lost.length === 0 ? null : behind(lost.length, anchor.at);
}

function unread(error: unknown): Refusal {
  process.stderr.write(`${JSON.stringify({ anchors: error instanceof Error ? error.message : String(error) })}\n`);
  return new Refusal("ledger.unanchored", "Roletrail could not compare its ledger with its anchors just now.", {
    help: "Nothing is minted meanwhile. Credentials already handed out keep working; try again in a minute.",
  });
}

const behind = (chains: number, at: string): Refusal =>
  new Refusal(
    "ledger.behind",
    `Roletrail's ledger was restored and ends before its anchor of ${at} in ${chains} of its chains.`,
    {
      help: "Nothing is minted until whoever runs Roletrail has reconciled it (docs/runbook.md, “Restore”). Credentials already handed out keep working.",
    },
  );

/** What reconciling would enter, and the word that says one has seen exactly this. */
export interface Reconciling {
  readonly anchored_at: string | null;
  readonly anchor: string | null;
  readonly lost: readonly Lost[];
  /** Null when nothing is lost. */
  readonly confirm: string | null;
  readonly done: boolean;
}

/**
 * Compares the ledger with its newest anchor, and, for who confirms that very difference, enters it in the ledger: from
 * then on it mints again, and what was lost is on record as long as the ledger is.
 *
 * @param ledger of the writer `reconcile`.
 * @throws Refusal `request.invalid` for a confirmation of something else.
 */
export async function reconcile(
  { store, anchors, ledger }: { readonly store: Store; readonly anchors: Anchors; readonly ledger: Ledger },
  given?: { readonly confirm: string; readonly by: string; readonly why: string },
): Promise<Reconciling> {
  const anchor = await latestAnchor(anchors);
  const open = anchor === null ? [] : await lostSince(store, anchor, await reconciled(store));
  const heads = await headsOf(store);
  const lost = open.map(({ shard, anchored }) => ({ shard, anchored, found: headOf(heads.get(shard)) }));
  const told = { anchored_at: anchor?.at ?? null, anchor: anchor?.root ?? null, lost };
  if (anchor === null || lost.length === 0) return { ...told, confirm: null, done: false };
  // Without `found`: it moves on while somebody reads.
  const confirm = wordOf({ anchor: anchor.root, open });
  if (given === undefined) return { ...told, confirm, done: false };
  if (given.confirm !== confirm)
    throw new Refusal("request.invalid", "That confirms another difference than there is now.", {
      help: "Ask again without it, read what is lost, and confirm that.",
    });
  await ledger.append({
    kind: "ledger.reconciled",
    body: { by: given.by, why: given.why, anchor: anchor.root, lost },
  });
  return { ...told, confirm, done: true };
}

const headOf = (head: { seq: number; hash: string } | undefined) =>
  head === undefined ? null : { seq: head.seq, hash: head.hash };

const wordOf = (value: object): string =>
  createHash("sha256")
    .update(canonicalize(value) ?? "")
    .digest("hex")
    .slice(0, 16);
