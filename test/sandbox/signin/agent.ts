import { createHash, randomBytes } from "node:crypto";

/** A browser as far as sign-in needs one: keeps cookies by origin and path prefix, follows nothing by itself. */
export class Agent {
  readonly #jar = new Map<string, Map<string, string>>();

  async go(url: string, init: RequestInit & { form?: Record<string, string> } = {}): Promise<Response> {
    const { origin } = new URL(url);
    const jar = this.#jar.get(origin) ?? new Map<string, string>();
    this.#jar.set(origin, jar);
    const headers = new Headers(init.headers);
    headers.set("cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
    if (!headers.has("accept")) headers.set("accept", "text/html");
    const form = init.form === undefined ? {} : { method: "POST", body: new URLSearchParams(init.form) };
    if (init.form !== undefined && !headers.has("origin")) headers.set("origin", origin);
    const response = await fetch(url, { redirect: "manual", ...init, ...form, headers });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      const at = pair.indexOf("=");
      if (/expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }
}

export interface Journey {
  readonly state: string;
  readonly verifier: string;
  readonly nonce: string;
  readonly url: string;
}

/** An authorization request as the app makes it. */
export function journey(signin: string, app: string, change: Record<string, string | null> = {}): Journey {
  const state = randomBytes(16).toString("base64url");
  const verifier = randomBytes(32).toString("base64url");
  const nonce = change["nonce"] ?? randomBytes(32).toString("base64url");
  const url = new URL("/authorize", signin);
  const query: Record<string, string | null> = {
    client_id: "roletrail",
    response_type: "code",
    scope: "openid email profile groups",
    redirect_uri: `${app}/api/auth/callback/sso`,
    state,
    nonce,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    max_age: "28800",
    ...change,
  };
  for (const [name, value] of Object.entries(query)) if (value !== null) url.searchParams.set(name, value);
  return { state, verifier, nonce, url: url.href };
}

/** Follows redirects on the provider until it leaves for the app, choosing `sub` where it asks. */
export async function walk(agent: Agent, signin: string, start: string, sub: string): Promise<URL> {
  let response = await agent.go(start);
  for (let hop = 0; hop < 8; hop += 1) {
    const location = response.headers.get("location");
    if (location === null) throw new Error(`stopped with ${response.status}: ${await response.text()}`);
    const next = new URL(location, signin);
    if (next.origin !== signin) return next;
    response = await agent.go(next.href);
    if (response.status === 200) response = await agent.go(next.href, { form: { sub } });
  }
  throw new Error("too many redirects");
}

export async function redeem(signin: string, app: string, code: string, verifier: string): Promise<Response> {
  const form = {
    grant_type: "authorization_code",
    client_id: "roletrail",
    code,
    code_verifier: verifier,
    redirect_uri: `${app}/api/auth/callback/sso`,
  };
  return fetch(`${signin}/token`, { method: "POST", body: new URLSearchParams(form) });
}
