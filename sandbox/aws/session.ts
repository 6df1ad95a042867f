import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { z } from "zod";
import { AwsError, type Session } from "./call.ts";

/**
 * Session tokens carry the session itself, encrypted and authenticated (AES-256-GCM), so a restart loses none and the
 * sandbox keeps no table of them. The secret key is derived from the key id: a token alone shows neither.
 */
export interface SessionSeal {
  seal(session: Session): string;
  /** @throws AwsError InvalidClientTokenId for a token that is not ours. */
  open(token: string): Session;
  secretOf(accessKeyId: string): string;
  /** Seals something else for later, under its own purpose: a token of one purpose never opens as another. */
  sealText(purpose: string, text: string): string;
  openText(purpose: string, sealed: string): string | undefined;
}

export function sessionSeal(key: Uint8Array): SessionSeal {
  const encryption = derived(key, "session-token encryption");
  const secrets = derived(key, "secret access keys");
  const sealText = (purpose: string, text: string): string => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", encryption, nonce).setAAD(Buffer.from(purpose));
    const sealed = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return sealed.toString("base64");
  };
  const openText = (purpose: string, sealed: string): string | undefined => {
    const bytes = Buffer.from(sealed, "base64");
    if (bytes.length < 28) return undefined;
    try {
      const decipher = createDecipheriv("aes-256-gcm", encryption, bytes.subarray(0, 12)).setAAD(Buffer.from(purpose));
      decipher.setAuthTag(bytes.subarray(-16));
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString("utf8");
    } catch {
      // Altered, cut or sealed by another world: not ours, whatever the reason.
      return undefined;
    }
  };
  return {
    sealText,
    openText,
    seal: (session) => prefix + sealText(purpose, JSON.stringify(session)),
    open: (token) => {
      const text = token.startsWith(prefix) ? openText(purpose, token.slice(prefix.length)) : undefined;
      if (text === undefined) throw malformedToken();
      return Sealed.parse(JSON.parse(text)) as Session;
    },
    secretOf: (accessKeyId) => createHmac("sha256", secrets).update(accessKeyId).digest("base64").slice(0, 40),
  };
}

/** S3's word; the others say of such a token what they say of an unknown key. */
const malformedToken = (): AwsError =>
  new AwsError("InvalidToken", "The provided token is malformed or otherwise invalid.", 400);

export const invalidToken = (): AwsError =>
  new AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403);

/**
 * `ASIA` + 16 base32 characters with the account inside, laid out as in AWS's own keys (bit 79 set, then 40 bits of
 * account), so that GetAccessKeyInfo can answer from the key alone.
 */
export function newTemporaryKeyId(account: string): string {
  const random = BigInt(`0x${randomBytes(5).toString("hex")}`) & randomMask;
  const value = (1n << 79n) | (BigInt(account) << 39n) | random;
  return `ASIA${base32Of(value)}`;
}

/** Account inside a key id, as AWS lays it out; undefined where the key is none. */
export function accountInKey(accessKeyId: string): string | undefined {
  if (!/^[A-Z]{4}[A-Z2-7]{16}$/.test(accessKeyId)) return undefined;
  let value = 0n;
  for (const character of accessKeyId.slice(4)) value = (value << 5n) | BigInt(alphabet.indexOf(character));
  return String((value >> 39n) & accountMask).padStart(12, "0");
}

const prefix = "FwoGZXIvYXdzE";
const purpose = "session";
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const randomMask = (1n << 39n) - 1n;
const accountMask = (1n << 40n) - 1n;

function base32Of(value: bigint): string {
  let text = "";
  for (let at = 15n; at >= 0n; at--) text += alphabet.charAt(Number((value >> (at * 5n)) & 31n));
  return text;
}

const derived = (key: Uint8Array, name: string): Buffer => createHmac("sha256", key).update(name).digest();

const Sealed = z.object({
  kind: z.enum(["role", "session-token", "federation-token"]),
  accessKeyId: z.string(),
  account: z.string(),
  of: z.string(),
  ofId: z.string(),
  name: z.string(),
  issuedAt: z.int(),
  expiresAt: z.int(),
  tags: z.record(z.string(), z.string()),
  transitiveTagKeys: z.array(z.string()),
  sourceIdentity: z.string().optional(),
  policies: z.array(z.string()),
  policyArns: z.array(z.string()),
  depth: z.int(),
  mfaAt: z.int().optional(),
  web: z.object({ provider: z.string(), audience: z.string(), subject: z.string() }).optional(),
});
