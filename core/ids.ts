import { createHash, createHmac, randomInt } from "node:crypto";
import { monotonicFactory } from "ulid";

/** Node draws these from a pool; the library's own way asks the system for each of an id's 16 characters. */
const nextUlid = monotonicFactory(() => randomInt(2 ** 32) / 2 ** 32);

/** m mint · v revocation · a approval · q request · f fault; then 26 characters of lower-case ULID. */
export type IdPrefix = "m" | "v" | "a" | "q" | "f";

export const newId = (prefix: IdPrefix): string => `${prefix}_${nextUlid().toLowerCase()}`;

const base32Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** RFC 4648 base32, lower case, no padding. */
export function base32(bytes: Uint8Array): string {
  let bits = 0;
  let value = 0;
  let text = "";
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      text += base32Alphabet.charAt((value >>> (bits - 5)) & 31);
      bits -= 5;
    }
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? text + base32Alphabet.charAt((value << (5 - bits)) & 31) : text;
}

/** `p_` + 16 characters of HMAC-SHA-256(person key, issuer ⏎ claim). It is also the SourceIdentity. */
export function personId(personKey: Uint8Array, issuer: string, claim: string): string {
  return `p_${base32(createHmac("sha256", personKey).update(`${issuer}\n${claim}`).digest()).slice(0, 16)}`;
}

/**
 * `s_` + 20 characters of SHA-256(principal_id ⏎ created_at): a pure function of the event, so arrival order cannot
 * matter. `accessKeyId` is added only where two issuances share both or no principal is known.
 */
export function sessionId(principalId: string, createdAt: string, accessKeyId?: string): string {
  const text =
    accessKeyId === undefined ? `${principalId}\n${createdAt}` : `${principalId}\n${createdAt}\n${accessKeyId}`;
  return `s_${base32(createHash("sha256").update(text).digest()).slice(0, 20)}`;
}
