import { type NextRequest, NextResponse } from "next/server";
import { cookieTerms, opened, SessionCookie } from "../../auth/cookie.ts";
import { authorizationUrl, keepFlow, newFlow } from "../../auth/flow.ts";
import { anotherTrip, tripsSeconds } from "../../auth/fresh.ts";
import { appOrigin, cookieName } from "../../auth/names.ts";
import { signinTerms } from "../../auth/provider.ts";
import { ownPath, signinPath, whyOf } from "../../auth/way.ts";

/**
 * A silent round trip to the provider with the key the browser already has, then back to `to`. Only as a document: a
 * soft navigation would follow the redirect by fetch into the provider, so it gets 409 and loads the document instead.
 */
export async function GET(request: NextRequest): Promise<Response> {
  const dest = request.headers.get("sec-fetch-dest");
  if (dest !== null && dest !== "document") return new Response(null, { status: 409 });
  const to = ownPath(request.nextUrl.searchParams.get("to"), appOrigin());
  const cookie = await opened(request.cookies.get(cookieName())?.value, SessionCookie);
  if (cookie === null || cookie.jkt === null) return go(signinPath(cookie === null ? null : "signin.expired", to));
  const trips = anotherTrip(request.cookies.get(cookieName("trips"))?.value, to, Date.now());
  if (trips === null) return go(signinPath("loop", to));
  try {
    const flow = newFlow(cookie.jkt, to, cookie.person);
    const response = go(await authorizationUrl(await signinTerms(), flow));
    await keepFlow(response, flow);
    response.cookies.set(cookieName("trips"), trips, cookieTerms(tripsSeconds));
    return response;
  } catch (error) {
    return go(signinPath(whyOf(error), to));
  }
}

function go(where: string): NextResponse {
  const response = NextResponse.redirect(new URL(where, appOrigin()), 303);
  response.headers.set("cache-control", "no-store");
  return response;
}
