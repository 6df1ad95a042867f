import { z } from "zod";
import type { PublishedKey } from "./issuer-documents.ts";

const Discovery = z.looseObject({ issuer: z.string(), jwks_uri: z.string() });
const KeySet = z.looseObject({ keys: z.array(z.looseObject({ kid: z.string(), x: z.string(), y: z.string() })) });

/**
 * Looks at the issuer as STS does, from outside: it must publish exactly our keys. A missing one stops mints; one that is
 * not ours is somebody who can become any role that trusts the issuer.
 *
 * @param keys ours, as KMS shows them.
 * @param read the body of a URL, as JSON.
 * @throws Error that names what is wrong, for an alarm.
 */
export async function expectPublished(
  url: string,
  keys: readonly PublishedKey[],
  read: (url: string) => Promise<unknown> = fetched,
): Promise<void> {
  const discovery = Discovery.parse(await read(`${url}/.well-known/openid-configuration`));
  if (discovery.issuer !== url || discovery.jwks_uri !== `${url}/jwks.json`)
    throw new Error(`${url} publishes another issuer's discovery (${discovery.issuer}, ${discovery.jwks_uri})`);
  const published = KeySet.parse(await read(discovery.jwks_uri)).keys;
  const missing = keys.filter((key) => !published.some((other) => isSame(key, other)));
  const foreign = published.filter((other) => !keys.some((key) => isSame(key, other)));
  if (foreign.length > 0)
    throw new Error(`${url} publishes keys that are not ours: ${foreign.map(({ kid }) => kid).join(", ")}`);
  if (missing.length > 0)
    throw new Error(`${url} does not publish our keys ${missing.map(({ kid }) => kid).join(", ")}`);
}

const isSame = (key: PublishedKey, other: { kid: string; x: string; y: string }): boolean =>
  key.kid === other.kid && key.x === other.x && key.y === other.y;

async function fetched(url: string): Promise<unknown> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000), redirect: "error" });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  return answer.json();
}
