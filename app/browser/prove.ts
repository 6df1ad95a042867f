import canonicalize from "canonicalize";
import { type BrowserKey, base64url, sha256 } from "./key.ts";

/** A proof of this one request by this browser's key (CONTRACTS §8). `n` is the sign-in's random part. */
export async function prove(key: BrowserKey, n: string, deed: string, body: unknown): Promise<string> {
  const header = { alg: "ES256", typ: "roletrail-proof+jwt", jwk: key.jwk, n };
  const payload = {
    jti: base64url(crypto.getRandomValues(new Uint8Array(24))),
    iat: Math.floor(Date.now() / 1000),
    deed,
    req: await sha256(canonicalize(body) ?? ""),
  };
  const signed = `${encoded(header)}.${encoded(payload)}`;
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  const signature = await crypto.subtle.sign(algorithm, key.privateKey, new TextEncoder().encode(signed));
  return `${signed}.${base64url(signature)}`;
}

const encoded = (value: unknown): string => base64url(new TextEncoder().encode(JSON.stringify(value)));
