import "server-only";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import type { Credentials } from "#/core/invoke.ts";
import { Refusal, type RefusalCode } from "#/core/refusal.ts";
import type { Ticket } from "#/core/wire.ts";
import type { Session } from "#/core/wire-signin.ts";
import { sessionCookie, ticketOf } from "./auth/cookie.ts";
import { needsRenewal } from "./auth/fresh.ts";
import { appOrigin } from "./auth/names.ts";
import { ownPath, signinPath } from "./auth/way.ts";
import { ask } from "./invoke.ts";

/** Who is signed in, for a page to draw, and the ticket with which functions see for themselves. */
export interface Visitor extends Omit<Session, "ticket"> {
  readonly ticket: Ticket;
}

/**
 * The visitor of this request, asked of the vault once. Goes to the sign-in page when nobody is signed in, and through a
 * silent renewal when the session is dead or its token near its end. Every page, and nothing but pages, calls this.
 *
 * @throws Refusal `functions.down`.
 */
export const requireVisitor = cache(async (): Promise<Visitor> => {
  const cookie = await sessionCookie();
  const here = await thisPath();
  if (cookie === null) redirect(signinPath(null, here));
  const session = await alive(ticketOf(cookie));
  if (session === null) redirect(renewPath(here));
  if (needsRenewal(session.renew_at, cookie.renewed_at, Date.now())) redirect(renewPath(here));
  return { ...session, ticket: ticketOf(cookie) };
});

/** What an invoke needs of who asks; empty when nobody is signed in, and then functions refuse. */
export async function credentials(): Promise<Credentials> {
  const cookie = await sessionCookie();
  return cookie === null ? {} : { ticket: ticketOf(cookie) };
}

/** Null when the session has ended or the vault does not know it. */
export async function alive(ticket: Ticket): Promise<Session | null> {
  try {
    const { session } = await ask("vault", { action: "alive" }, { ticket });
    return session ?? null;
  } catch (error) {
    if (error instanceof Refusal && !passing.has(error.code)) return null;
    throw error;
  }
}

/** Says nothing about the session: it is as it was once this has passed. */
const passing: ReadonlySet<RefusalCode> = new Set(["functions.down", "store.busy", "store.down"]);

const renewPath = (to: string): string => `/session/renew?${new URLSearchParams({ to })}`;

/** The proxy writes the path of the request here; pages cannot see it otherwise. */
async function thisPath(): Promise<string> {
  return ownPath((await headers()).get("x-roletrail-path"), appOrigin());
}
