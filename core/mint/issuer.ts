import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { calculateJwkThumbprint, type JWTPayload } from "jose";
import { z } from "zod";
import { readOrMake, writeExclusive } from "../secrets.ts";
import { issuerAlg as alg, issuerDocuments, publishedKey } from "./issuer-documents.ts";

/** Roletrail as an OpenID Connect issuer that AWS accounts trust: signs tokens for STS, publishes the keys to check them. */
export interface Issuer {
  /** `https://issuer.example.com`: https, no port, equal to `iss`. */
  readonly url: string;
  /** The current key's RFC 7638 thumbprint, by which the key set names it. */
  kid(): string;
  /** A compact JWS by the current key. */
  sign(claims: JWTPayload): Promise<string>;
  /** Moves keys on as their age demands and publishes. Answers the new signing key's id when it changed. */
  rotate(now: Date): Promise<{ readonly kid: string; readonly previous_kid: string } | null>;
}

const day = 86_400;
/** A signing key is replaced after this long. */
const signsForSeconds = 90 * day;
/** A new key is published this long before it signs, an old one this long after: whoever caches the key set has both. */
const overlapSeconds = day;

const Jwk = z.strictObject({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: z.string(),
  y: z.string(),
  d: z.string(),
  kid: z.string(),
  /** NumericDate. */
  made_at: z.number(),
  replaced_at: z.number().optional(),
});
type Jwk = z.infer<typeof Jwk>;
const KeyFile = z.strictObject({ keys: z.tuple([Jwk], Jwk) });

/**
 * Opens the issuer of this world: private keys in `file` (current first, 0600), discovery and key set as static files in
 * `folder`, which a web server (or the sandbox's STS) hands out for the issuer's host.
 */
export async function openIssuer(
  url: string,
  { file, folder, now }: { readonly file: string; readonly folder: string; readonly now: () => Date },
): Promise<Issuer> {
  const first = await newKey(now());
  let keys = KeyFile.parse(JSON.parse(readOrMake(file, () => textOf([first])))).keys;
  let signer = signerOf(keys[0]);
  publish(url, folder, keys);
  return {
    url,
    kid: () => signer.kid,
    sign: async (claims) => compactJws({ ...claims, iss: url }, signer),
    rotate: async (at) => {
      const [before] = keys;
      const moved = await moveOn(keys, at);
      if (moved === null) return null;
      // Published before it is used: a token by a key that nobody can look up is refused by STS.
      publish(url, folder, moved);
      renameSync(writeExclusive(file, textOf(moved)), file);
      keys = moved;
      signer = signerOf(keys[0]);
      return before.kid === signer.kid ? null : { kid: signer.kid, previous_kid: before.kid };
    },
  };
}

type Keys = [Jwk, ...Jwk[]];

const seconds = (at: Date): number => Math.floor(at.getTime() / 1000);

/** Announce, promote or retire: at most one a call; null when there is nothing to do. */
export async function moveOn(keys: Keys, now: Date): Promise<Keys | null> {
  const [current, ...others] = keys;
  const at = seconds(now);
  const next = others.find(({ replaced_at }) => replaced_at === undefined);
  if (next !== undefined) {
    if (at - next.made_at < overlapSeconds) return null;
    return [next, { ...current, replaced_at: at }, ...others.filter((key) => key !== next)];
  }
  if (at - current.made_at >= signsForSeconds - overlapSeconds) return [...keys, await newKey(now)];
  const kept = others.filter(({ replaced_at }) => at - (replaced_at ?? at) < overlapSeconds);
  return kept.length === others.length ? null : [current, ...kept];
}

async function newKey(now: Date): Promise<Jwk> {
  const { x, y, d } = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
  const jwk = { kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "", d: d ?? "" } as const;
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), made_at: seconds(now) };
}

interface Signer {
  readonly kid: string;
  readonly key: KeyObject;
}

function signerOf({ kty, crv, x, y, d, kid }: Jwk): Signer {
  return { kid, key: createPrivateKey({ key: { kty, crv, x, y, d }, format: "jwk" }) };
}

/** By Node's own crypto, in place (0.05 ms): WebCrypto would hand it to another thread while a mint waits. */
function compactJws(claims: JWTPayload, { kid, key }: Signer): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg, kid, typ: "JWT" })}.${part(claims)}`;
  // JWS has the two numbers of an ECDSA signature side by side (RFC 7518 §3.4).
  const signature = sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}

const textOf = (keys: readonly Jwk[]): string => `${JSON.stringify({ keys }, null, 2)}\n`;

function publish(url: string, folder: string, keys: readonly Jwk[]): void {
  const documents = issuerDocuments(
    url,
    keys.map((key) => publishedKey(key, key.kid)),
  );
  for (const [name, content] of Object.entries(documents)) writeWhole(path.join(folder, name), content);
}

/** Readers see the old file or the new one, never half of it. */
function writeWhole(file: string, content: object): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o644 });
  renameSync(temporary, file);
}
