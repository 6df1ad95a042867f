import { calculateJwkThumbprint } from "jose";
import { z } from "zod";
import { Refusal } from "../refusal.ts";
import type { Issuer } from "./issuer.ts";

/** Whether AWS can check the tokens we sign: asked of the issuer's own host, as STS asks it. */
export interface Publication {
  /** Null when it can; else why nothing is minted by the road `web-identity` just now. */
  refusal(): Promise<Refusal | null>;
}

/** What this needs of `fetch`. */
export type Fetching = (address: string, init: RequestInit) => Promise<Response>;

/** A good answer holds this long, a bad one so short that publishing is noticed at once. */
const goodForMs = 3_600_000;
const badForMs = 10_000;
const timeoutMs = 5_000;

/**
 * The issuer as the outside sees it: discovery and key set over https, our name in the one and our current key in the
 * other, by its RFC 7638 thumbprint. Asked at use and kept; asked anew when the key changed.
 *
 * @param folder where the two files lie that somebody must publish.
 */
export function openPublication(
  issuer: () => Promise<Issuer>,
  { now, folder, fetch }: { readonly now: () => Date; readonly folder: string; readonly fetch: Fetching },
): Publication {
  let known: { readonly kid: string; readonly until: number; readonly refusal: Promise<Refusal | null> } | undefined;
  return {
    refusal: async () => {
      const own = await issuer();
      const kid = own.kid();
      if (known !== undefined && known.kid === kid && now().getTime() < known.until) return known.refusal;
      const asked = lookFor(own.url, kid, fetch).then((why) =>
        why === null ? null : unpublished(own.url, folder, why),
      );
      // Who asks meanwhile waits for the same answer.
      known = { kid, until: now().getTime() + timeoutMs * 3, refusal: asked };
      const refusal = await asked;
      known = { kid, until: now().getTime() + (refusal === null ? goodForMs : badForMs), refusal: asked };
      return refusal;
    },
  };
}

function unpublished(url: string, folder: string, why: string): Refusal {
  return new Refusal("issuer.unpublished", `AWS could not check Roletrail's token for this role: ${why}.`, {
    help: `Whoever runs Roletrail publishes the files of ${folder} at ${url} (docs/issuer.md). Roles of the road assume-role go on meanwhile.`,
  });
}

const Discovery = z.looseObject({ issuer: z.string(), jwks_uri: z.url() });
const KeySet = z.looseObject({ keys: z.array(z.looseObject({ kid: z.string().optional() })) });

/** What is wrong, as the rest of a sentence; null when nothing is. */
async function lookFor(url: string, kid: string, fetch: Fetching): Promise<string | null> {
  const { protocol, port, host } = new URL(url);
  // STS's own rule for an issuer (facts of CreateOpenIDConnectProvider): https, no port.
  if (protocol !== "https:" || port !== "") return `the issuer ${url} is not https without a port`;
  const address = `${url.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const discovery = Discovery.safeParse(await jsonAt(address, fetch));
  if (!discovery.success) return `${address} does not answer with a discovery document`;
  if (discovery.data.issuer !== url) return `${address} says its issuer is ${discovery.data.issuer}, not ${url}`;
  const { jwks_uri } = discovery.data;
  if (new URL(jwks_uri).protocol !== "https:") return `the key set that ${host} names is not at an https address`;
  const keys = KeySet.safeParse(await jsonAt(jwks_uri, fetch));
  if (!keys.success) return `${jwks_uri} does not answer with a key set`;
  const prints = await Promise.all(keys.data.keys.filter((key) => key.kid === kid).map(thumbprintOf));
  return prints.includes(kid) ? null : `the key set at ${jwks_uri} does not hold the key that signs now (${kid})`;
}

async function jsonAt(address: string, fetch: Fetching): Promise<unknown> {
  try {
    const response = await fetch(address, { redirect: "error", signal: AbortSignal.timeout(timeoutMs) });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/** Null for what is no key: a kid is only a name. */
async function thumbprintOf(key: object): Promise<string | null> {
  try {
    return await calculateJwkThumbprint(key);
  } catch {
    return null;
  }
}
