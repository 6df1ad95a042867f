import "server-only";
import { cookies } from "next/headers";
import { decode, encode } from "next-auth/jwt";
import { cache } from "react";
import { z } from "zod";
import { Ticket } from "#/core/wire.ts";
import { cookieName, cookieSecret, isSecure, sessionSecondsMax } from "./names.ts";

/**
 * All that the session cookie holds, encrypted by next-auth: the ticket that opens the vault and the key's thumbprint.
 * No token, no groups. `renewed_at` is our own clock's: not twice within 30 s, whatever the provider's clock says.
 */
export const SessionCookie = z.looseObject({
  sid: Ticket.shape.sid,
  key: Ticket.shape.key,
  /** Null where the link opened the session. */
  jkt: z.string().nullable(),
  /** Whose session it is: a renewal takes nobody else. */
  person: z.string(),
  renewed_at: z.number(),
});
export type SessionCookie = z.infer<typeof SessionCookie>;

/** Opened once a request: a page asks ten things, and each would derive the key and decrypt anew. */
export const sessionCookie = cache(
  async (): Promise<SessionCookie | null> => opened((await cookies()).get(cookieName())?.value, SessionCookie),
);

/** The ticket of who came by the one-time link. */
export async function linkCookie(): Promise<Ticket | undefined> {
  const found = await opened((await cookies()).get(cookieName("link"))?.value, z.looseObject(Ticket.shape), "link");
  return found === null ? undefined : { sid: found.sid, key: found.key };
}

export const ticketOf = ({ sid, key }: SessionCookie): Ticket => ({ sid, key });

/** As next-auth would set it itself: the same name, key and life. */
export const sealedSession = (token: SessionCookie): Promise<string> =>
  encode({ token, secret: cookieSecret(), maxAge: sessionSecondsMax });

export const sealedLink = (token: Ticket): Promise<string> =>
  encode({ token: { ...token }, secret: cookieSecret(), maxAge: sessionSecondsMax, salt: "link" });

/** Null for a cookie that is absent, old, of another key or of another use (its salt). */
export async function opened<Shape>(
  value: string | undefined,
  shape: z.ZodType<Shape>,
  salt = "",
): Promise<Shape | null> {
  if (value === undefined) return null;
  try {
    return shape.safeParse(await decode({ token: value, secret: cookieSecret(), salt })).data ?? null;
  } catch {
    return null;
  }
}

/** Lax, not Strict: the provider's return is a navigation from another site and must find its flow. */
export const cookieTerms = (maxAge: number, path = "/") =>
  ({ httpOnly: true, sameSite: "lax", secure: isSecure(), path, maxAge }) as const;
