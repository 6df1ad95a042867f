import "server-only";
import { createHash, randomBytes } from "node:crypto";
import type { NextRequest, NextResponse } from "next/server";
import { encode } from "next-auth/jwt";
import { z } from "zod";
import { cookieTerms, opened } from "./cookie.ts";
import { callbackPath, callbackUrl, cookieSecret, flowCookieName, isSecure } from "./names.ts";
import { discovered, type SigninTerms } from "./provider.ts";

/** One journey to the provider and back, in an encrypted cookie of its own: two tabs do not overwrite each other. */
export const Flow = z.looseObject({
  state: z.string(),
  verifier: z.string(),
  /** Thumbprint of the browser's key, and the random part: their hash is the nonce. */
  jkt: z.string(),
  n: z.string(),
  to: z.string(),
  /** The person whose session this silent journey renews; null for one that began with a click. */
  renews: z.string().nullable(),
  iat: z.number().optional(),
});
export type Flow = z.infer<typeof Flow>;

const flowSecondsMax = 900;
/** Given-up journeys stay until they end; more than this many are cleared at the next return. */
const flowsMax = 5;
const salt = "flow";

/** The nonce binds the id_token to the browser's key (core/proof.ts has the same line for functions). */
export const nonceOf = ({ jkt, n }: Pick<Flow, "jkt" | "n">): string =>
  createHash("sha256").update(JSON.stringify({ jkt, n })).digest("base64url");

export function newFlow(jkt: string, to: string, renews: string | null): Flow {
  const random = (): string => randomBytes(32).toString("base64url");
  return { state: random(), verifier: random(), jkt, n: random(), to, renews };
}

/** Where the browser goes now. Built here, so that nothing of the page's own query can get in (facts: next-auth's can). */
export async function authorizationUrl(terms: SigninTerms, flow: Flow): Promise<string> {
  const { authorization_endpoint } = await discovered(terms);
  const url = new URL(authorization_endpoint);
  const query = {
    client_id: terms.client_id,
    response_type: "code",
    scope: terms.scope,
    redirect_uri: callbackUrl(),
    state: flow.state,
    nonce: nonceOf(flow),
    code_challenge: createHash("sha256").update(flow.verifier).digest("base64url"),
    code_challenge_method: "S256",
    // auth_time comes only where max_age was asked for; it also makes the provider ask again after a working day.
    max_age: String(maxAgeSeconds),
    ...(flow.renews !== null ? { prompt: "none" } : {}),
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

export const maxAgeSeconds = 8 * 3_600;

const nameOf = (state: string): string =>
  flowCookieName(createHash("sha256").update(state).digest("base64url").slice(0, 12));

export async function keepFlow(response: NextResponse, flow: Flow): Promise<void> {
  const value = await encode({ token: flow, secret: cookieSecret(), maxAge: flowSecondsMax, salt });
  response.cookies.set(nameOf(flow.state), value, cookieTerms(flowSecondsMax, callbackPath));
}

/** The journey this return belongs to; null when it took too long or began in another browser. */
export async function flowOf(request: NextRequest, state: string | null): Promise<Flow | null> {
  if (state === null) return null;
  const flow = await opened(request.cookies.get(nameOf(state))?.value, Flow, salt);
  return flow?.state === state ? flow : null;
}

/** Ends this journey, and the oldest of the given-up ones. */
export async function dropFlows(request: NextRequest, response: Response, flow: Flow): Promise<void> {
  const others = request.cookies.getAll().filter(({ name }) => name.startsWith(flowCookieName("")));
  const aged = await Promise.all(
    others
      .filter(({ name }) => name !== nameOf(flow.state))
      .map(async ({ name, value }) => ({ name, at: (await opened(value, Flow, salt))?.iat ?? 0 })),
  );
  const old = aged.sort((a, b) => b.at - a.at).slice(flowsMax - 1);
  for (const name of [nameOf(flow.state), ...old.map((each) => each.name)])
    response.headers.append(
      "set-cookie",
      `${name}=; Path=${callbackPath}; Max-Age=0; HttpOnly; SameSite=Lax${isSecure() ? "; Secure" : ""}`,
    );
}
