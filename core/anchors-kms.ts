import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { AnchorKey } from "./anchors.ts";
import { keyInKms, openClient, signInKms } from "./mint/issuer-kms.ts";

/** The key of KMS that signs anchors. Who only reads them needs its public half. @param key its ARN. */
export async function openAnchorKey(key: string): Promise<AnchorKey> {
  const client = openClient();
  const { kty, crv, x, y } = await keyInKms(key, client);
  const known = createPublicKey({ key: { kty, crv, x, y }, format: "jwk" });
  return {
    sign: async (text) => (await signInKms(client, key, text)).signature.toString("base64url"),
    verify: async (text, signature) => isSigned(known, text, signature),
  };
}

const isSigned = (key: KeyObject, text: string, signature: string): boolean =>
  verify("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"));
