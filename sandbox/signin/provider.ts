import { randomBytes } from "node:crypto";
import http from "node:http";
import type { KoaContextWithOIDC } from "oidc-provider";
import Provider from "oidc-provider";
import type { CastMember } from "../story/cast.ts";
import { configurationOf } from "./configuration.ts";
import { signIn } from "./interaction.ts";
import { readKeys } from "./keys.ts";
import { type Account, accountsOf } from "./people.ts";

/** What the sign-in provider of the simulated company is started with. */
export interface SigninTerms {
  /** Listens on 127.0.0.1 only; 0 takes a free one. */
  readonly port: number;
  /** The app's own port: redirects go to `http://localhost:<appPort>`, or to `app`, and nowhere else. */
  readonly appPort: number;
  /** The app's origin where it is reached otherwise, as behind TLS. */
  readonly app?: string;
  /** Makes the app a confidential client, as many companies register it. */
  readonly clientSecret?: string;
  readonly cast: readonly CastMember[];
  readonly company: string;
  /** Its own name; `signinIssuer` unless told. Endpoints are on 127.0.0.1 whatever it is. */
  readonly issuer?: string;
  /** File that keeps the signing key (0600), so that a restart does not end who is signed in. */
  readonly keysFile: string;
  /** Life of an id_token; 600 unless told. */
  readonly idTokenSeconds?: number;
}

export interface Signin {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Stable, so that people's ids do not change with `--port`; the endpoints in its discovery are on 127.0.0.1. */
export const signinIssuer = "https://signin.roletrail.test";

/** A real OpenID provider (code, PKCE, nonce) whose people are the story's cast and whose sign-in page asks no password. */
export async function startSignin(terms: SigninTerms): Promise<Signin> {
  const accounts = accountsOf(terms.cast);
  const server = http.createServer();
  await listen(server, terms.port);
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : terms.port;
  const origin = `http://127.0.0.1:${port}`;
  const provider = await providerOf(terms, accounts, origin);
  const answer = provider.callback();
  server.on("request", (request, response) => {
    const refusal = refusalOf(request, origin);
    if (refusal === null) {
      // The page counts on "same-origin": with "no-referrer" a form's Origin would be null.
      response.setHeader("referrer-policy", "same-origin");
      response.setHeader("x-content-type-options", "nosniff");
      void answer(request, response);
      return;
    }
    response.writeHead(refusal.status, { "content-type": "text/plain; charset=utf-8", connection: "close" });
    response.end(`${refusal.sentence}\n`);
  });
  return { url: origin, close: () => closed(server) };
}

async function providerOf(terms: SigninTerms, accounts: readonly Account[], origin: string): Promise<Provider> {
  const app = terms.app ?? `http://localhost:${terms.appPort}`;
  const issuer = terms.issuer ?? signinIssuer;
  const provider = new Provider(issuer, configurationOf(terms, accounts, app, await readKeys(terms.keysFile)));
  provider.use(async (context: KoaContextWithOIDC, next: () => Promise<void>) => {
    const nonce = randomBytes(16).toString("base64");
    context.state["nonce"] = nonce;
    // Chromium applies form-action to the redirects a form's answer makes, so the app's origin is among them.
    context.set(
      "content-security-policy",
      `default-src 'none'; script-src 'self'; style-src 'nonce-${nonce}'; form-action 'self' ${origin} ${app}; frame-ancestors 'none'; base-uri 'none'`,
    );
    if (context.path === "/") {
      context.redirect(app);
      return;
    }
    if (!(await signIn(provider, context, accounts, terms.company))) await next();
  });
  return provider;
}

/** Against DNS rebinding (another Host) and other sites' forms (another Origin). */
function refusalOf(request: http.IncomingMessage, origin: string): { status: number; sentence: string } | null {
  if (`http://${request.headers.host}` !== origin)
    return { status: 421, sentence: `This sign-in provider answers at ${origin} only.` };
  const reads = request.method === "GET" || request.method === "HEAD";
  const from = request.headers.origin;
  const site = request.headers["sec-fetch-site"];
  const foreign = (from !== undefined && from !== origin) || site === "cross-site" || site === "same-site";
  return foreign && !reads ? { status: 403, sentence: "This request came from another site." } : null;
}

function listen(server: http.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
}

function closed(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
