import { createHash } from "node:crypto";
import { z } from "zod";
import { type Notice, type Notify, noticesMax, oneLine } from "./notify.ts";
import type { Store } from "./store/index.ts";
import type { OutsideTrail, OutsideWay } from "./trail.ts";
import { completeUpToIn } from "./trail-standing.ts";

/** What one run leaves to the next: since when it looks, and how far the trail was when it last did. */
const partition = "notified-outside";
const sort = "looked";
const Looked = z.object({ begun_at: z.string(), up_to: z.string() });
/** How far back sessions are looked for, and how long a caller's way into a role is not told again. */
const dayMs = 86_400_000;

interface Terms {
  readonly store: Store;
  readonly trail: OutsideTrail;
  readonly notify: Notify;
  /** Where people reach the app. */
  readonly url: string;
  readonly now: () => Date;
}

/**
 * Tells people of sessions that the broker never issued, as the trail shows them: each caller's way into a role once a day.
 * Asks the trail only when it moved on, and tells nothing of what was before its first run.
 *
 * @returns how many ways were told.
 */
export async function tellOutside({ store, trail, notify, url, now }: Terms): Promise<number> {
  const upTo = await completeUpToIn(store);
  if (upTo === null) return 0;
  const at = now();
  const known = await store.get(partition, sort);
  const { begun_at, up_to } = known === null ? { begun_at: second(at), up_to: null } : { ...Looked.parse(known.value) };
  if (up_to === upTo) return 0;
  const dayAgo = second(new Date(at.getTime() - dayMs));
  const found = known === null ? [] : await trail.outsideSince(begun_at > dayAgo ? begun_at : dayAgo);
  const told = await Promise.all(found.map((way) => store.get(partition, rowOf(way))));
  const ways = found.filter((_, index) => told[index] === null);
  const notices = ways.map((way) => noticeOf(way, url));
  for (const notice of notices.length > noticesMax ? [flood(notices, url)] : notices) await notify(notice);
  const expires_at = at.getTime() + dayMs;
  for (const way of ways)
    await store.put({ partition, sort: rowOf(way), value: { at: second(at) }, expires_at }, { any: true });
  await store.put({ partition, sort, value: { begun_at, up_to: upTo } }, { any: true });
  return ways.length;
}

const second = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;

const rowOf = ({ caller, role, made_by }: OutsideWay): string =>
  `way#${createHash("sha256")
    .update(JSON.stringify([caller, role, made_by]))
    .digest("hex")
    .slice(0, 32)}`;

function noticeOf({ caller, role, made_by, sessions, first_at }: OutsideWay, url: string): Notice {
  const into = role === null ? "a session" : role;
  const how =
    made_by === "unknown"
      ? "no call that issued it is in the log"
      : `issued by ${made_by}, which Roletrail did not call`;
  const address = new URL("/trail/sessions-outside-the-broker", url);
  if (role !== null) address.searchParams.set("role", role);
  return {
    subject: `Roletrail: ${role === null ? "a session" : role.split("/").at(-1)} outside the broker`,
    text: `${oneLine(caller)} has ${oneLine(into)}: ${how}; ${sessions === 1 ? "one session" : `${sessions} sessions`}, the first at ${first_at}.
The same caller and role are told again after a day.
${address.href}`,
  };
}

const flood = (notices: readonly Notice[], url: string): Notice => ({
  subject: `Roletrail: ${notices.length} ways into roles outside the broker`,
  text: `${notices.map(({ subject }) => subject).join("\n")}\n${new URL("/trail/sessions-outside-the-broker", url).href}`,
});
