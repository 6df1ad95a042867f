import type { NextRequest } from "next/server";
import NextAuth from "next-auth";
import { linkCookie, sessionCookie, ticketOf } from "../../../auth/cookie.ts";
import { dropFlows, type Flow, flowOf } from "../../../auth/flow.ts";
import { appOrigin, cookieName } from "../../../auth/names.ts";
import { optionsFor, type Return, type Trouble } from "../../../auth/options.ts";
import { discovered, signinTerms } from "../../../auth/provider.ts";
import { type SigninWhy, signinPath, whyOf } from "../../../auth/way.ts";
import { problem } from "../../guard.ts";

interface Context {
  readonly params: Promise<{ nextauth: string[] }>;
}

/** Of next-auth's endpoints only these are let through: the return from the provider, its CSRF token, and sign-out. */
export async function GET(request: NextRequest, context: Context): Promise<Response> {
  const { nextauth } = await context.params;
  const path = nextauth.join("/");
  if (path === "callback/sso") return comeBack(request, context);
  if (path === "csrf") return NextAuth(request, context, optionsFor(null));
  return nothing();
}

/** Sign-out. Where functions could not end the session it is not said to be ended, and the cookie stays for another try. */
export async function POST(request: NextRequest, context: Context): Promise<Response> {
  const { nextauth } = await context.params;
  if (nextauth.join("/") !== "signout") return nothing();
  const told: Trouble = { trouble: null };
  const answer = await NextAuth(request, context, optionsFor(null, told));
  return told.trouble === null ? answer : problem(told.trouble);
}

const nothing = (): Response => new Response(null, { status: 404 });

async function comeBack(request: NextRequest, context: Context): Promise<Response> {
  const { searchParams } = request.nextUrl;
  const flow = await flowOf(request, searchParams.get("state"));
  if (flow === null) return seeOther(signinPath("flow.lost", "/"));
  const error = searchParams.get("error");
  const response =
    error === null ? await finish(request, context, flow) : seeOther(signinPath(whyDeclined(error), flow.to));
  await dropFlows(request, response, flow);
  return response;
}

/** Provider errors are answered before next-auth, which would lose their code in two redirects. */
function whyDeclined(error: string): SigninWhy | "signin.failed" {
  if (["login_required", "interaction_required", "consent_required", "account_selection_required"].includes(error))
    return "again";
  return error === "access_denied" ? "declined" : "signin.failed";
}

async function finish(request: NextRequest, context: Context, flow: Flow): Promise<Response> {
  let back: Return | undefined;
  try {
    const terms = await signinTerms();
    const cookie = await sessionCookie();
    const old = cookie === null ? undefined : ticketOf(cookie);
    back = { flow, terms, found: await discovered(terms), old, link: await linkCookie(), trouble: null };
    const answer = await NextAuth(request, context, optionsFor(back));
    const session = answer.headers.getSetCookie().filter((line: string) => line.startsWith(`${cookieName()}=`));
    if (back.trouble === null && session.length > 0) return seeOther(flow.to, session);
    return seeOther(signinPath(whyOf(back.trouble), flow.to));
  } catch (error) {
    return seeOther(signinPath(whyOf(back?.trouble ?? error), flow.to));
  }
}

function seeOther(path: string, cookies: readonly string[] = []): Response {
  const headers = new Headers({ location: `${appOrigin()}${path}`, "cache-control": "no-store" });
  for (const line of cookies) headers.append("set-cookie", line);
  return new Response(null, { status: 303, headers });
}
