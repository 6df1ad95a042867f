import { readTime } from "#/core/time.ts";

/** The time a page looks at. Pure: clock and newest event are arguments. */
export const ranges = ["24h", "7d", "30d", "90d"] as const;
export type Range = (typeof ranges)[number];

export const rangeWords: Record<Range, string> = { "24h": "24 h", "7d": "7 d", "30d": "30 d", "90d": "90 d" };
export const rangeLong: Record<Range, string> = {
  "24h": "24 hours",
  "7d": "7 days",
  "30d": "30 days",
  "90d": "90 days",
};
const days: Record<Range, number> = { "24h": 1, "7d": 7, "30d": 30, "90d": 90 };

export interface Window {
  readonly since: string;
  /** Excluded. */
  readonly until: string;
  /** Null where the URL names its own times. */
  readonly range: Range | null;
  readonly grain: "hour" | "day";
}

/**
 * `since` and `until` of the URL win; else the range back from the newest event, or from now where the trail is live.
 * Days begin at midnight UTC, so 30 days are 30 whole columns of which the last is today's.
 */
export function windowOf(search: ReadonlyMap<string, string>, newest: string | null, now: Date): Window {
  const since = readTime(search.get("since") ?? "");
  const until = readTime(search.get("until") ?? "");
  const end = endOf(newest, now);
  if (since !== null) {
    const to = until ?? iso(end);
    const hours = (Date.parse(to) - Date.parse(since)) / 3_600_000;
    return { since, until: to, range: null, grain: hours <= 49 ? "hour" : "day" };
  }
  const range = ranges.find((one) => one === search.get("range")) ?? "30d";
  if (range === "24h") return { since: iso(end - 86_400_000), until: iso(end), range, grain: "hour" };
  const midnight = Math.floor((end - 1) / 86_400_000) * 86_400_000;
  return { since: iso(midnight - (days[range] - 1) * 86_400_000), until: iso(end), range, grain: "day" };
}

/** The next full minute, so that a page read twice in one asks the same question. */
function endOf(newest: string | null, now: Date): number {
  const last = newest === null ? now.getTime() : Date.parse(newest);
  const live = now.getTime() - last < 86_400_000;
  return Math.ceil(((live ? Math.max(now.getTime(), last) : last) + 1000) / 60_000) * 60_000;
}

const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** Every day or hour of a window, as its first moment. */
export function stretches({ since, until, grain }: Window): string[] {
  const step = grain === "hour" ? 3_600_000 : 86_400_000;
  const first = Math.floor(Date.parse(since) / step) * step;
  const all: string[] = [];
  for (let at = first; at < Date.parse(until) && all.length < 400; at += step) all.push(iso(at));
  return all;
}
