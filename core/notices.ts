import { z } from "zod";
import { type Entry, headsOf, readLedger, shardsOf } from "./ledger.ts";
import type { Kind } from "./ledger-kinds.ts";
import { type Notice, type Notify, noticesMax, oneLine } from "./notify.ts";
import type { Store } from "./store/index.ts";

const partition = "notified";
/** Beside a row a chain: that there was a first run, before which nothing is told. */
const begun = "*";
const To = z.object({ seq: z.number() });
const entriesAtOnce = 500;

/**
 * Tells people what the ledger holds that somebody should know of without looking. Each chain is read on from where the
 * last run ended; what was told when a run died is told again. The first run tells nothing of what was before.
 *
 * @param url where people reach the app.
 * @returns how many entries were told.
 */
export async function tellNotices(store: Store, notify: Notify, url: string): Promise<number> {
  const known = new Map((await store.list(partition)).map(({ sort, value }) => [sort, To.parse(value).seq]));
  if (!known.has(begun)) {
    for (const [shard, { seq }] of await headsOf(store)) await keep(store, shard, seq);
    await keep(store, begun, 0);
    return 0;
  }
  let told = 0;
  for (const shard of (await shardsOf(store)).filter(isTelling)) {
    const entries = await readLedger(store, shard, known.get(shard) ?? 0, entriesAtOnce);
    const notices = entries.flatMap((entry) => noticeOf(entry, url) ?? []);
    for (const notice of notices.length > noticesMax ? [flood(notices, url)] : notices) await notify(notice);
    told += notices.length;
    const last = entries.at(-1);
    if (last !== undefined) await keep(store, shard, last.seq);
  }
  return told;
}

const keep = (store: Store, sort: string, seq: number): Promise<boolean> =>
  store.put({ partition, sort, value: { seq } }, { any: true });

/** Chains of the writers whose entries are told. */
const isTelling = (shard: string): boolean => /^(revoke|reconcile)-\d+$/.test(shard);

/** What an entry says to people; null for those that say nothing. Names are in the app, for who may see them. */
function noticeOf(entry: Entry, url: string): Notice | null {
  if (isKind(entry, "revocation.asked")) {
    const { revocation_id, role, person_id, hits, reason } = entry.body;
    return {
      subject: `Roletrail: sessions of ${nameOf(role)} are being ended`,
      text: `${person_id} is ending the sessions of ${role} issued before ${entry.body.cutoff}; ${hits} are known to be live.
Reason: ${oneLine(reason)}
${url}/revocations/${revocation_id}`,
    };
  }
  if (isKind(entry, "revocation.failed")) {
    const { revocation_id, role, why } = entry.body;
    return {
      subject: `Roletrail: sessions of ${nameOf(role)} could NOT be ended`,
      text: `${oneLine(why)}\nThe AWS console's own "Revoke active sessions" on ${role} works meanwhile.\n${url}/revocations/${revocation_id}`,
    };
  }
  if (isKind(entry, "ledger.reconciled"))
    return {
      subject: "Roletrail: a restored ledger was reconciled",
      text: `${oneLine(entry.body.by)} confirmed what ${entry.body.lost.length} chains of the ledger lost, and mints are made again.\nWhy: ${oneLine(entry.body.why)}`,
    };
  return null;
}

const flood = (notices: readonly Notice[], url: string): Notice => ({
  subject: `Roletrail: ${notices.length} notices at once`,
  text: `${notices.map(({ subject }) => subject).join("\n")}\n${url}/revocations`,
});

const isKind = <K extends Kind>(entry: Entry, kind: K): entry is Entry<K> => entry.kind === kind;
const nameOf = (role: string): string => role.split(":role/").at(-1) ?? role;
