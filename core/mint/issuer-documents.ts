import { createPublicKey } from "node:crypto";
import { calculateJwkThumbprint } from "jose";

/** A public key of the issuer, as its key set shows it: the members that belong there and no other. */
export interface PublishedKey {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly use: "sig";
  readonly alg: typeof issuerAlg;
}

/** The one algorithm of ours: STS takes it, and KMS signs with it. */
export const issuerAlg = "ES256";

type Point = Pick<PublishedKey, "x" | "y">;

export const publishedKey = ({ x, y }: Point, kid: string): PublishedKey => ({
  kty: "EC",
  crv: "P-256",
  x,
  y,
  kid,
  use: "sig",
  alg: issuerAlg,
});

/** KMS shows SubjectPublicKeyInfo. The id is RFC 7638's thumbprint. @throws Error for another kind of key. */
export async function publishedKeyOf(spki: Uint8Array): Promise<PublishedKey> {
  const { kty, crv, x, y } = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" }).export({
    format: "jwk",
  });
  if (kty !== "EC" || crv !== "P-256" || x === undefined || y === undefined)
    throw new Error(`the issuer's key must be on P-256, this one is ${kty} ${crv ?? ""}`);
  return publishedKey({ x, y }, await calculateJwkThumbprint({ kty, crv, x, y }));
}

/** The issuer's two static files by their paths. */
export function issuerDocuments(url: string, keys: readonly PublishedKey[]): Readonly<Record<string, object>> {
  return {
    ".well-known/openid-configuration": {
      issuer: url,
      jwks_uri: `${url}/jwks.json`,
      // OpenID Connect Discovery requires one; nobody signs in here.
      authorization_endpoint: `${url}/none`,
      response_types_supported: ["id_token"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: [issuerAlg],
      claims_supported: ["iss", "sub", "aud", "iat", "exp", "jti"],
    },
    "jwks.json": { keys },
  };
}
