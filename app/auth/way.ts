import { Refusal, type RefusalCode } from "#/core/refusal.ts";

/** Where a person goes after signing in: a path of ours, or the front page. Never another site, never the machinery. */
export function ownPath(given: string | null | undefined, origin: string): string {
  if (given === null || given === undefined || !given.startsWith("/") || given.length > 2_000) return "/";
  // Browsers read `/\host` and `/<tab>/host` as `//host`.
  if (given.startsWith("//") || /\p{Cc}|\\/u.test(given)) return "/";
  if (!URL.canParse(given, origin)) return "/";
  const url = new URL(given, origin);
  // `/..//host` passes the first look and comes out of the parser as `//host`.
  if (url.origin !== origin || url.pathname.startsWith("//")) return "/";
  if (/^\/(api|session|signin|open)(\/|$)/.test(url.pathname)) return "/";
  return `${url.pathname}${url.search}`;
}

/** The sign-in page, told why and where to go afterwards. Only the code travels; the page has the sentence. */
export function signinPath(why: RefusalCode | SigninWhy | null, to: string): string {
  const query = new URLSearchParams();
  if (why !== null) query.set("why", why);
  if (to !== "/") query.set("to", to);
  return query.size === 0 ? "/signin" : `/signin?${query}`;
}

/** Reasons that are no refusal of core's: what happened to this browser's journey. */
export const signinWhys = ["again", "declined", "flow.lost", "key.lost", "loop", "signed-out"] as const;
export type SigninWhy = (typeof signinWhys)[number];

/** What to show of whatever went wrong. A fault's id stays in the log. */
export const whyOf = (error: unknown): RefusalCode => (error instanceof Refusal ? error.code : "signin.failed");
