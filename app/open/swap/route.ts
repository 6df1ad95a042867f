import { type NextRequest, NextResponse } from "next/server";
import { z } from "zod";
import { Refusal } from "#/core/refusal.ts";
import { answering, expectOwnOrigin, jsonBody } from "../../api/guard.ts";
import { cookieTerms, sealedLink, sealedSession } from "../../auth/cookie.ts";
import { cookieName, sessionSecondsMax } from "../../auth/names.ts";
import { ask } from "../../invoke.ts";

const Swap = z.strictObject({ code: z.string().min(1).max(200) });

/** The one-time link's code in, a cookie out. Functions spend the code; a second use is refused there. */
export const POST = answering(async (request: NextRequest) => {
  expectOwnOrigin(request);
  const asked = Swap.safeParse(await jsonBody(request));
  if (!asked.success)
    throw new Refusal("signin.failed", "The address carries no link's code.", {
      help: "Press Enter in the terminal where Roletrail runs: it prints another link.",
    });
  const { link } = await ask("vault", { action: "open-link", code: asked.data.code });
  if (link === undefined) throw new Refusal("signin.failed", "The link was not accepted.");
  const response = NextResponse.json({ opened: true }, { headers: { "cache-control": "no-store" } });
  response.cookies.set(cookieName("link"), await sealedLink(link.ticket), cookieTerms(sessionSecondsMax));
  // Logs without an access file: the link is all there is to sign in with.
  const session = { ...link.ticket, jkt: null, person: "link", renewed_at: Date.now() };
  if (link.enough) response.cookies.set(cookieName(), await sealedSession(session), cookieTerms(sessionSecondsMax));
  return response;
});
