import "server-only";
import { readFileSync } from "node:fs";
import { readSettings, type Settings } from "#/core/config.ts";

let read: Settings | undefined;

/** The settings of this process, read once. A module of its own: a circle of constants fails only in production builds. */
export function settings(): Settings {
  read ??= readSettings();
  return read;
}

/** Where people reach the app, without a slash at the end. */
export function appOrigin(): string {
  const { ROLETRAIL_URL, ROLETRAIL_PORT } = settings();
  return new URL(ROLETRAIL_URL ?? `http://localhost:${ROLETRAIL_PORT}`).origin;
}

export const isSecure = (): boolean => appOrigin().startsWith("https:");

/**
 * One name a world (CONTRACTS §2): real and simulated never share a cookie. The part comes first: next-auth reads every
 * cookie whose name begins with the session's as one more chunk of it, and then decodes none.
 */
export const cookieName = (part?: "csrf" | "callback" | "trips" | "link"): string =>
  `${isSecure() ? "__Host-" : ""}${part === undefined ? "" : `${part}-`}roletrail-${settings().ROLETRAIL_WORLD}`;

/** Not `__Host-`: its path is the callback alone, so that no page request carries it. */
export const flowCookieName = (part: string): string =>
  `${isSecure() ? "__Secure-" : ""}flow-roletrail-${settings().ROLETRAIL_WORLD}-${part}`;

export const callbackPath = "/api/auth/callback/sso";
export const callbackUrl = (): string => `${appOrigin()}${callbackPath}`;

export function cookieSecret(): string {
  const secret = settings().ROLETRAIL_COOKIE_SECRET;
  if (secret === undefined) throw new Error("web needs ROLETRAIL_COOKIE_SECRET");
  return secret;
}

/** Null for a public client, whose PKCE stands in for it. */
export function clientSecret(): string | null {
  const file = settings().ROLETRAIL_OIDC_CLIENT_SECRET_FILE;
  return file === undefined ? null : readFileSync(file, "utf8").trim();
}

/** A working day, as long as a sign-in counts (core/id-token.ts). */
export const sessionSecondsMax = 8 * 3_600;
