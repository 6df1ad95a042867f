import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from "jose";
import { z } from "zod";
import type { AccessFile } from "#/core/access.ts";
import type { Settings } from "#/core/config.ts";
import type { SigninIssuer } from "#/core/id-token.ts";
import { Refusal } from "#/core/refusal.ts";

export type IssuerTerms = AccessFile["issuers"][number];

/** The access file's sign-in issuer with its keys. Asked at each use, so an edited access file holds at once. */
export type SigninDoor = () => Promise<SigninIssuer>;

export function openSigninDoor(settings: Settings, access: () => AccessFile): SigninDoor {
  const found = new Map<string, Promise<JWTVerifyGetKey>>();
  return async () => {
    const terms = signinTerms(access());
    const discovery = discoveryOf(settings, terms);
    const keys = found.get(discovery) ?? discoverKeys(discovery, terms.issuer);
    found.set(discovery, keys);
    try {
      return { ...terms, keys: await keys };
    } catch (error) {
      // The next use asks again: a provider that was down at the start must not stay down here.
      found.delete(discovery);
      throw error;
    }
  };
}

/** @throws Refusal `access.invalid` when there is more than one: which of them a browser means is not built. */
export function signinTerms(access: AccessFile): IssuerTerms {
  const [terms, second] = access.issuers;
  if (terms !== undefined && second === undefined) return terms;
  throw new Refusal("access.invalid", "The access file must name exactly one sign-in issuer.", {
    help: "Keep one entry under issuers.",
  });
}

export function discoveryOf(settings: Settings, terms: IssuerTerms): string {
  return settings.ROLETRAIL_OIDC_DISCOVERY ?? `${terms.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
}

const Discovery = z.looseObject({ issuer: z.string(), jwks_uri: z.url() });

async function discoverKeys(address: string, issuer: string): Promise<JWTVerifyGetKey> {
  const found = Discovery.safeParse(await json(address));
  if (!found.success) throw down(address, "it did not answer with a discovery document");
  // RFC 8414 §3.3: a document that speaks for another issuer must not be used.
  if (found.data.issuer !== issuer) throw down(address, `it says its issuer is ${found.data.issuer}, not ${issuer}`);
  if (!isPrivateLine(found.data.jwks_uri)) throw down(address, "its jwks_uri is not https");
  // Rotation: an unknown key id fetches anew, at most every 30 s; known keys are asked for again after 10 min.
  const remote = createRemoteJWKSet(new URL(found.data.jwks_uri), { timeoutDuration: 5_000 });
  return async (header, token) => {
    try {
      return await remote(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      throw down(address, "its keys could not be read");
    }
  };
}

/** https, or this machine itself. */
function isPrivateLine(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === "https:" || hostname === "127.0.0.1" || hostname === "localhost";
}

async function json(address: string): Promise<unknown> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(5_000), redirect: "error" });
    return response.ok ? await response.json() : null;
  } catch {
    throw down(address, "it does not answer");
  }
}

const down = (address: string, why: string): Refusal =>
  new Refusal("signin.provider", `The sign-in provider at ${new URL(address).origin} cannot be used: ${why}.`, {
    help: "Try again; if it stays, whoever runs Roletrail must look at the issuer in the access file.",
  });
