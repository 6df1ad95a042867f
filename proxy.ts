import { randomBytes } from "node:crypto";
import { type NextRequest, NextResponse } from "next/server";
import { appOrigin, cookieName } from "./app/auth/names.ts";
import { guarding, misdirected } from "./app/guarding.ts";

/**
 * The API asks the same of its own (`app/api/guard.ts`), and does without this: handing a request's body through here
 * costs it milliseconds (docs/decisions/0155).
 */
export const config = { matcher: ["/((?!api/v1/).*)"] };

/**
 * What every request of a page passes first: the Host it asks for, the site it comes from, and the page's content policy. It also
 * turns strangers away from pages. No security rests on the last: what skips this is refused by functions, which open
 * the vault for themselves.
 */
export function proxy(request: NextRequest): NextResponse {
  const refused = refusalOf(request);
  if (refused !== null) return guarded(refused);
  const { pathname, search } = request.nextUrl;
  if (pathname.startsWith("/_next/static/")) return guarded(NextResponse.next());
  if (!isPublic(pathname) && !request.cookies.has(cookieName())) return guarded(stranger(request));
  const nonce = randomBytes(16).toString("base64");
  const policy = policyOf(nonce);
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  // Next takes the nonce for its own scripts from the policy it finds on the request.
  headers.set("content-security-policy", policy);
  headers.set("x-roletrail-path", `${pathname}${search}`);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  response.headers.set("cache-control", "no-store");
  return guarded(response);
}

/** Each of these answers nobody's question about the world; all else asks for a session. */
const publicPaths = ["/signin", "/open", "/open/swap", "/session/start", "/session/renew", "/session/end"];

const isPublic = (pathname: string): boolean =>
  publicPaths.includes(pathname) || pathname.startsWith("/api/auth/") || pathname === "/icon.svg";

function refusalOf(request: NextRequest): NextResponse | null {
  const elsewhere = misdirected(request.headers.get("host"));
  if (elsewhere !== null) return plain(421, elsewhere);
  const reads = request.method === "GET" || request.method === "HEAD" || request.method === "OPTIONS";
  if (!reads && !isOwn(request, appOrigin())) return plain(403, "The request came from another site.");
  // The image optimiser is not used and has had holes: it does not exist here.
  return request.nextUrl.pathname.startsWith("/_next/image") ? plain(404, "Nothing is here.") : null;
}

/** Origin where there is one; Sec-Fetch-Site where a proxy strips it; programs with `Authorization` have neither. */
function isOwn(request: NextRequest, origin: string): boolean {
  const given = request.headers.get("origin");
  if (given !== null) return given === origin;
  const site = request.headers.get("sec-fetch-site");
  return site === null ? request.headers.has("authorization") : site === "same-origin";
}

function stranger(request: NextRequest): NextResponse {
  const { pathname, search } = request.nextUrl;
  const isPage = request.method === "GET" && !pathname.startsWith("/api/") && !pathname.startsWith("/session/");
  if (!isPage) {
    const problem = {
      type: "https://roletrail.dev/refusals#signin.required",
      title: "Nobody is signed in",
      status: 401,
      code: "signin.required",
      detail: "Nobody is signed in here.",
      help: "Sign in first.",
      id: `q_${randomBytes(13).toString("hex")}`,
    };
    return new NextResponse(JSON.stringify(problem), {
      status: 401,
      headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
    });
  }
  const to = `${pathname}${search}`;
  const query = to === "/" ? "" : `?${new URLSearchParams({ to })}`;
  const response = NextResponse.redirect(new URL(`/signin${query}`, appOrigin()), 307);
  response.headers.set("cache-control", "no-store");
  return response;
}

function policyOf(nonce: string): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    // Enough: sign-in and sign-out leave by script, renewal by a redirect from GET.
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
  ].join("; ");
}

const plain = (status: number, sentence: string): NextResponse =>
  new NextResponse(`${sentence}\n`, { status, headers: { "content-type": "text/plain; charset=utf-8" } });

function guarded(response: NextResponse): NextResponse {
  for (const [name, value] of guarding()) response.headers.set(name, value);
  return response;
}
