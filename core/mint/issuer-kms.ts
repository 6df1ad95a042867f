import { createHash } from "node:crypto";
import { GetPublicKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import type { JWTPayload } from "jose";
import type { Ledger } from "../ledger.ts";
import type { Issuer } from "./issuer.ts";
import { issuerAlg, type PublishedKey, publishedKeyOf } from "./issuer-documents.ts";
import { NotSigned } from "./sts-errors.ts";

/**
 * The issuer whose private key never leaves KMS. Its files are published by whoever deploys the issuer and by nobody
 * here; keys change by a deployment that publishes the new one first (docs/decisions/0201).
 *
 * Every signature is in the ledger with KMS's own request id, which CloudTrail's record of `kms:Sign` carries too: a
 * record without an entry is somebody else's signature. The token is used only once the entry stands.
 *
 * @param key ARN of the signing key.
 */
export async function openKmsIssuer(
  url: string,
  { key, ledger, client = openClient() }: { key: string; ledger: Ledger; client?: KMSClient },
): Promise<Issuer> {
  const { kid } = await keyInKms(key, client);
  const sign = async (claims: JWTPayload): Promise<string> => {
    const mint_id = mintIdOf(claims);
    const text = `${encoded({ alg: issuerAlg, kid, typ: "JWT" })}.${encoded({ ...claims, iss: url })}`;
    const { signature, request_id } = await signInKms(client, key, text);
    await ledger.append({ kind: "issuer.signed", body: { mint_id, kid, request_id } });
    return `${text}.${signature.toString("base64url")}`;
  };
  return {
    url,
    kid: () => kid,
    sign: (claims) =>
      sign(claims).catch((error: unknown) => {
        throw new NotSigned(error);
      }),
    rotate: async () => null,
  };
}

/** The public half of a key in KMS, as the key set shows it. @throws Error when it is not for signing on P-256. */
export async function keyInKms(key: string, client: KMSClient = openClient()): Promise<PublishedKey> {
  const { PublicKey, KeyUsage } = await client.send(new GetPublicKeyCommand({ KeyId: key }));
  if (PublicKey === undefined || KeyUsage !== "SIGN_VERIFY") throw new Error(`${key} is no key that signs`);
  return publishedKeyOf(PublicKey);
}

/** A mint waits for this: short, and tried again, for a signature nobody saw harms nobody. */
export const openClient = (): KMSClient =>
  new KMSClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  });

/** ES256 by a key that stays in KMS, in JOSE's form. */
export async function signInKms(
  client: KMSClient,
  key: string,
  text: string,
): Promise<{ signature: Buffer; request_id: string | null }> {
  const { Signature, $metadata } = await client.send(
    new SignCommand({
      KeyId: key,
      // A RAW message is limited to 4,096 bytes, which 50 tags can pass.
      MessageType: "DIGEST",
      Message: createHash("sha256").update(text).digest(),
      SigningAlgorithm: "ECDSA_SHA_256",
    }),
  );
  if (Signature === undefined) throw new Error("KMS answered without a signature");
  return { signature: joseSignature(Signature), request_id: $metadata.requestId ?? null };
}

function mintIdOf({ jti }: JWTPayload): string {
  if (jti === undefined) throw new Error("a token without a mint is not signed");
  return jti;
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

/** Bytes of r, and of s, on P-256. */
const half = 32;

/**
 * KMS answers DER: SEQUENCE { INTEGER r, INTEGER s }, each as short as it can be and with a zero before a high bit. JOSE
 * wants r and s of 32 bytes each (RFC 7518 §3.4).
 * @throws Error for anything that is not such a signature.
 */
export function joseSignature(der: Uint8Array): Buffer {
  const bytes = Buffer.from(der);
  // At most 2 + 2 × (2 + 33) bytes, so each length is one byte.
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) throw new Error("not a DER signature");
  const r = integerAt(bytes, 2);
  const s = integerAt(bytes, r.end);
  if (s.end !== bytes.length) throw new Error("not a DER signature");
  return Buffer.concat([r.value, s.value]);
}

function integerAt(bytes: Buffer, at: number): { value: Buffer; end: number } {
  const length = bytes[at + 1] ?? 0;
  const end = at + 2 + length;
  const digits = bytes.subarray(at + 2, end);
  if (bytes[at] !== 0x02 || length === 0 || digits.length !== length) throw new Error("not a DER signature");
  const plain = digits[0] === 0 ? digits.subarray(1) : digits;
  if (plain.length > half || (digits[0] ?? 0) > 0x7f) throw new Error("not a signature on P-256");
  return { value: Buffer.concat([Buffer.alloc(half - plain.length), plain]), end };
}
