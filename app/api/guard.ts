import "server-only";
import type { NextRequest } from "next/server";
import { newId } from "#/core/ids.ts";
import type { Credentials, FunctionName, InputOf, OutputOf } from "#/core/invoke.ts";
import { Fault, problemOf, Refusal } from "#/core/refusal.ts";
import { opened, SessionCookie, ticketOf } from "../auth/cookie.ts";
import { appOrigin, cookieName } from "../auth/names.ts";
import { guarding, misdirected } from "../guarding.ts";
import { ask } from "../invoke.ts";

type Params = Readonly<Record<string, string>>;
type Route = (request: NextRequest, context: { params: Promise<Params> }) => Promise<Response>;

/** What a route is handed: who asks, as functions want it, and the path's parameters. */
export interface Asking {
  readonly request: NextRequest;
  readonly credentials: Credentials;
  readonly params: Params;
}

/**
 * A GET of `/api/v1`: JSON as the function answers, refusals as `application/problem+json`, nothing kept by any cache.
 * `act` may answer with a Response of its own (CSV).
 */
export function reading(act: (asking: Asking) => Promise<unknown>): Route {
  return answering(async (request, params) => act({ request, params, credentials: await credentialsOf(request) }));
}

/** A deed by one function: the body is the request itself, the proof is in its header (CONTRACTS §8). */
export function deed<Name extends FunctionName>(
  name: Name,
  shape: (answer: OutputOf<Name>) => unknown = (answer) => answer,
): Route {
  return answering(async (request) => {
    expectOwnOrigin(request);
    // The cookie is decrypted while the body arrives.
    const [asking, input] = await Promise.all([credentialsOf(request), jsonBody(request)]);
    // A stranger's wrong form is none of ours to explain; who one is, functions find out for themselves.
    if (asking.ticket === undefined)
      throw new Refusal("signin.required", "Nobody is signed in here.", { help: "Sign in first." });
    const proof = request.headers.get("roletrail-proof");
    const idempotency_key = request.headers.get("idempotency-key");
    const credentials = {
      ...asking,
      ...(proof === null ? {} : { proof: short(proof, 8_192, "Roletrail-Proof") }),
      ...(idempotency_key === null ? {} : { idempotency_key: short(idempotency_key, 128, "Idempotency-Key") }),
    };
    // The function parses it by its own schema; this side has no opinion on it.
    return shape(await ask(name, input as InputOf<Name>, credentials));
  });
}

/** Any route's answer: JSON, a Response of its own, or the problem. The proxy does not stand before `/api/v1`. */
export function answering(act: (request: NextRequest, params: Params) => Promise<unknown>): Route {
  return async (request, { params }) => {
    const elsewhere = misdirected(request.headers.get("host"));
    const response = elsewhere === null ? await answered(act, request, params) : text(421, elsewhere);
    for (const [name, value] of guarding()) response.headers.set(name, value);
    return response;
  };
}

async function answered(
  act: (request: NextRequest, params: Params) => Promise<unknown>,
  request: NextRequest,
  params: Promise<Params>,
): Promise<Response> {
  try {
    const answer = await act(request, await params);
    return answer instanceof Response ? answer : Response.json(answer, { headers: noStore });
  } catch (error) {
    return problem(error);
  }
}

const text = (status: number, sentence: string): Response =>
  new Response(`${sentence}\n`, { status, headers: { ...noStore, "content-type": "text/plain; charset=utf-8" } });

const withoutParams = { params: Promise.resolve({}) };

const refused = answering(async () => {
  throw new Refusal("not.found", "There is nothing at this address of the API.", {
    help: "docs/openapi.json names what there is.",
  });
});

/** What no route answers. */
export const nowhere = (request: NextRequest): Promise<Response> => refused(request, withoutParams);

const notTaken = answering(async ({ method }) => {
  throw new Refusal("request.method", `This address of the API does not take ${method}.`, {
    help: "docs/openapi.json names what there is.",
  });
});

const options = answering(async () => new Response(null, { status: 204, headers: noStore }));

/** The other methods of an address that takes these, OPTIONS among them: Next's own answers say nothing, or too much. */
export const taking =
  (...methods: readonly string[]) =>
  async (request: NextRequest): Promise<Response> => {
    const response = await (request.method === "OPTIONS" ? options : notTaken)(request, withoutParams);
    response.headers.set("allow", [...methods, "OPTIONS"].join(", "));
    return response;
  };

export function problem(error: unknown): Response {
  const known = error instanceof Refusal || error instanceof Fault ? error : fault(error);
  const body = problemOf(known, newId("q"));
  const headers = { ...noStore, "content-type": "application/problem+json" };
  return new Response(JSON.stringify(body), { status: body.status, headers });
}

/**
 * With `Authorization` cookies are ignored: a program that names its own right must not act under a browser's. None is
 * issued yet, so such a request is nobody's.
 */
export async function credentialsOf(request: NextRequest): Promise<Credentials> {
  if (request.headers.has("authorization")) return {};
  const cookie = await opened(request.cookies.get(cookieName())?.value, SessionCookie);
  return cookie === null ? {} : { ticket: ticketOf(cookie) };
}

/** Our Origin, or Sec-Fetch-Site same-origin where a proxy strips Origin. The proxy asks the same; this stands alone. */
export function expectOwnOrigin(request: NextRequest): void {
  const origin = request.headers.get("origin");
  const site = request.headers.get("sec-fetch-site");
  if (origin === null ? site === "same-origin" : origin === appOrigin()) return;
  if (origin === null && site === null && request.headers.has("authorization")) return;
  throw new Refusal("request.origin", "The request came from another site than Roletrail's own.", {
    help: "Make it from the page; programs send Origin with Roletrail's own address.",
  });
}

const bodyMax = 65_536;

/** @throws Refusal `request.invalid` for another content type or broken JSON, `request.too-large` over 64 kB. */
export async function jsonBody(request: NextRequest): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new Refusal("request.invalid", "The request must be JSON.", { help: "Send content-type: application/json." });
  const text = await request.text();
  if (text.length > bodyMax) throw new Refusal("request.too-large", "The request is over 64 kB.");
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal("request.invalid", "The request is not readable JSON.");
  }
}

const noStore = { "cache-control": "no-store" };

function short(value: string, max: number, name: string): string {
  if (value.length <= max) return value;
  throw new Refusal("request.invalid", `The header ${name} is over ${max} characters.`);
}

function fault(error: unknown): Fault {
  const made = new Fault(newId("f"));
  process.stderr.write(`${JSON.stringify({ fault: made.id, error: error instanceof Error ? error.stack : "" })}\n`);
  return made;
}
