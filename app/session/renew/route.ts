import { type NextRequest, NextResponse } from "next/server";
import { cookieTerms, opened, SessionCookie } from "../../auth/cookie.ts";
import { authorizationUrl, keepFlow, newFlow } from "../../auth/flow.ts";
import { appOrigin, cookieName } from "../../auth/names.ts";
import { signinTerms } from "../../auth/provider.ts";
import { ownPath, signinPath, whyOf } from "../../auth/way.ts";

const tripsMax = 4;
const tripsWithinMs = 10_000;

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
  const trips = tripsOf(request.cookies.get(cookieName("trips"))?.value);
  if (trips.length >= tripsMax) return go(signinPath("loop", to));
  try {
    const flow = newFlow(cookie.jkt, to, true);
    const response = go(await authorizationUrl(await signinTerms(), flow));
    await keepFlow(response, flow);
    const value = [...trips, Date.now()].join(".");
    response.cookies.set(cookieName("trips"), value, cookieTerms(tripsWithinMs / 1000));
    return response;
  } catch (error) {
    return go(signinPath(whyOf(error), to));
  }
}

/** A provider or vault that keeps nothing must not spin the browser: four trips within ten seconds, then a click. */
function tripsOf(value: string | undefined): readonly number[] {
  const since = Date.now() - tripsWithinMs;
  return (value ?? "")
    .split(".")
    .map(Number)
    .filter((at) => at > since);
}

function go(where: string): NextResponse {
  const response = NextResponse.redirect(new URL(where, appOrigin()), 303);
  response.headers.set("cache-control", "no-store");
  return response;
}
