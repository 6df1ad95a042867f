import "server-only";
import type { AuthOptions } from "next-auth";
import type { JWT } from "next-auth/jwt";
import type { OAuthConfig } from "next-auth/providers/oauth";
import { Refusal } from "#/core/refusal.ts";
import type { Ticket } from "#/core/wire.ts";
import { ask } from "../invoke.ts";
import { type SessionCookie, sessionCookie, ticketOf } from "./cookie.ts";
import { type Flow, maxAgeSeconds, nonceOf } from "./flow.ts";
import { callbackUrl, clientSecret, cookieName, cookieSecret, isSecure, sessionSecondsMax } from "./names.ts";
import type { Discovered, SigninTerms } from "./provider.ts";

/** Set when something refused inside next-auth, which would only say "Callback", or nothing at all. */
export interface Trouble {
  trouble: unknown;
}

/** What a callback brings: the journey it ends, what the browser had before, and whom to ask. */
export interface Return extends Trouble {
  readonly flow: Flow;
  readonly terms: SigninTerms;
  readonly found: Discovered;
  readonly old: Ticket | undefined;
  readonly link: Ticket | undefined;
}

/** next-auth with everything but the session cookie, sign-out and CSRF left to us (facts: shape C). */
export function optionsFor(back: Return | null, told: Trouble = back ?? { trouble: null }): AuthOptions {
  const httpOnly = { httpOnly: true, sameSite: "lax", secure: isSecure(), path: "/" } as const;
  return {
    secret: cookieSecret(),
    session: { strategy: "jwt", maxAge: sessionSecondsMax },
    pages: { signIn: "/signin", error: "/signin", signOut: "/signin" },
    cookies: {
      sessionToken: { name: cookieName(), options: httpOnly },
      csrfToken: { name: cookieName("csrf"), options: httpOnly },
      callbackUrl: { name: cookieName("callback"), options: httpOnly },
    },
    providers: back === null ? [] : [providerFor(back)],
    callbacks: {
      jwt: ({ token, account }) => (back === null || account === null ? token : sealed(back, account)),
      redirect: ({ baseUrl }) => baseUrl,
    },
    events: {
      signOut: async () => {
        try {
          const cookie = await sessionCookie();
          if (cookie !== null) await ask("vault", { action: "delete" }, { ticket: ticketOf(cookie) });
        } catch (error) {
          told.trouble = error;
        }
      },
    },
    // Its messages may carry the provider's answer; what went wrong is in `trouble`, and said.
    logger: { error: () => undefined, warn: () => undefined, debug: () => undefined },
  };
}

function providerFor(back: Return): OAuthConfig<{ sub: string }> {
  const { terms, flow, found } = back;
  const secret = clientSecret();
  const algorithms = found.id_token_signing_alg_values_supported;
  const alg = algorithms.includes("RS256") ? "RS256" : (algorithms[0] ?? "RS256");
  return {
    id: "sso",
    name: "SSO",
    type: "oauth",
    wellKnown: terms.discovery,
    clientId: terms.client_id,
    ...(secret === null ? {} : { clientSecret: secret }),
    client: {
      id_token_signed_response_alg: alg,
      ...(secret === null ? { token_endpoint_auth_method: "none" } : {}),
    },
    idToken: true,
    // State, PKCE and nonce are of this journey's own cookie and are enforced in the request below: next-auth's own
    // are one a browser, and a second tab would overwrite them.
    checks: ["none"],
    token: {
      request: async ({ client, params }) => {
        try {
          const { state, verifier: code_verifier } = flow;
          const checks = { state, code_verifier, nonce: nonceOf(flow), max_age: maxAgeSeconds, response_type: "code" };
          return { tokens: await client.callback(callbackUrl(), params, checks) };
        } catch (error) {
          back.trouble = failed(error);
          throw error;
        }
      },
    },
    profile: ({ sub }) => ({ id: sub }),
  };
}

/** The id_token goes to the vault, which verifies it; the cookie gets what opens the vault and nothing else. */
async function sealed(back: Return, account: { id_token?: string }): Promise<JWT & SessionCookie> {
  const { jkt, n, renews } = back.flow;
  const link = back.link === undefined ? {} : { link: back.link };
  const credentials = back.old === undefined ? {} : { ticket: back.old };
  try {
    const id_token = account.id_token ?? "";
    const { session } = await ask("vault", { action: "put", id_token, jkt, n, renews, ...link }, credentials);
    if (session?.ticket === undefined) throw new Error("the vault gave no ticket");
    return { ...session.ticket, jkt, person: session.person.id, renewed_at: Date.now() };
  } catch (error) {
    back.trouble = error;
    throw error;
  }
}

/** openid-client names its checks by message only; none of it is for the person but that it did not work. */
function failed(error: unknown): Refusal {
  const name = error instanceof Error ? error.name : "";
  if (name === "RPError" || name === "OPError")
    return new Refusal("signin.failed", "The company's sign-in gave an answer that could not be used.");
  return new Refusal("signin.provider", "The company's sign-in does not answer.");
}
