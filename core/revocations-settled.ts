import { z } from "zod";
import type { Mints } from "./mint/rows.ts";
import { countsOf, revokedSessions } from "./revocations.ts";
import { revocations, type StoredRevocation } from "./revoke.ts";
import type { Store } from "./store/index.ts";
import type { Trail } from "./trail.ts";
import type { RevocationCounts } from "./views.ts";

/** No session of AWS's lives longer than 36 hours. */
const longestLifeMs = 36 * 3_600_000;
/** CloudTrail has delivered everything by then, as far as AWS ever said. */
const lateMs = 24 * 3_600_000;
const looksAt = 100;

/**
 * Keeps what became of the sessions of revocations so old that no later record can change it: a list of a hundred would
 * otherwise be hundreds of queries, each with a price where the trail is Athena's.
 *
 * @returns how many were settled now.
 */
export async function settleRevocations({
  store,
  mints,
  trail,
  now,
}: {
  readonly store: Store;
  readonly mints: Mints;
  readonly trail: Trail;
  readonly now: () => Date;
}): Promise<number> {
  const completeUpTo = await trail.completeUpTo();
  if (completeUpTo === null) return 0;
  const known = await settledCounts(store);
  const over = (await revocations(store, looksAt)).filter(
    (each) => !known.has(each.revocation_id) && Date.parse(completeUpTo) > settledAt(each),
  );
  if (over.length > 0) await mints.refresh();
  for (const each of over) {
    const counts = countsOf(await revokedSessions(each, { trail, minted: mints.ofRole(each.role), now: now() }));
    await store.put({ partition, sort: each.revocation_id, value: counts }, { any: true });
  }
  return over.length;
}

/** By revocation, of those that are settled. */
export async function settledCounts(store: Store): Promise<ReadonlyMap<string, RevocationCounts>> {
  const rows = await store.list(partition, { newestFirst: true, limit: looksAt });
  return new Map(rows.map(({ sort, value }) => [sort, Counts.parse(value)]));
}

const settledAt = ({ cutoff }: StoredRevocation): number => Date.parse(cutoff) + longestLifeMs + lateMs;

const partition = "revocation-counts";
const count = z.int();
const Counts = z.strictObject({
  sessions: count,
  bitten: count,
  denied_otherwise: count,
  quiet: count,
  waiting: count,
  expired: count,
  leaked: count,
});
