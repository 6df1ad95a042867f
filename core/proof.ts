import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import canonicalize from "canonicalize";
import { z } from "zod";
import { type SigninIssuer, verifyIdToken } from "./id-token.ts";
import type { Person } from "./person.ts";
import { personOf } from "./person-of.ts";
import { recent } from "./recent.ts";
import { Refusal, type RefusalCode } from "./refusal.ts";
import type { Put, Store } from "./store/index.ts";

/** What a deed function needs to believe a proof. */
export interface Court {
  readonly issuer: SigninIssuer;
  readonly personKey: Uint8Array;
  readonly store: Store;
  readonly now: () => Date;
}

/** A proof and what it must fit: the vault's id_token, the function's name, and its request as it was parsed. */
export interface Claim {
  readonly idToken: string;
  readonly proof: string;
  readonly deed: string;
  readonly request: unknown;
}

/** Who does a deed, and the row that spends their proof: nothing may be done for them unless it was absent and is written. */
export interface Proven {
  readonly person: Person;
  readonly spending: Put;
}

/** As `judgeProof`, and spent. @throws Refusal `proof.spent`, too. */
export const verifyProof = async (court: Court, claim: Claim): Promise<Person> =>
  spend(court.store, await judgeProof(court, claim));

/** @throws Refusal `proof.spent`. */
export async function spend(store: Store, { person, spending }: Proven): Promise<Person> {
  if (await store.put(spending, { absent: true })) return person;
  throw proofSpent();
}

/**
 * Who does this deed: the id_token, fresh and ours, bound by its nonce to a key, and that key's signature over this one
 * request (OpenPubkey's construction). Verified in this order; the proof's id is spent last, so that a proof refused for
 * any other reason is not used up by whoever sent it.
 *
 * @throws Refusal `proof.token|stale|azp|header|nonce|signature|request`, `signin.expired`, `groups.*`.
 */
export async function judgeProof(court: Court, claim: Claim): Promise<Proven> {
  const verifying = verifyIdToken(court.issuer, claim.idToken, court.now());
  // Meanwhile: the token's signature is verified on another thread. What comes of this is judged in its own turn.
  const header = headerOf(claim.proof);
  const payload = header === null ? null : signedPayload(claim.proof, header);
  const token = await verifying;
  if (header === null) refuse("header", "The proof's header is not one this page makes.");
  const jkt = thumbprintOf(header.jwk);
  if (token.nonce !== nonceOf(jkt, header.n))
    refuse("nonce", "This browser's key is not the one the sign-in was made with.");
  if (payload === null) refuse("signature", "The proof's signature does not fit its text.");
  expectRequest(payload, claim);
  expectFresh(payload, court.now());
  return { person: personOf(court.issuer, token, court.personKey, "browser"), spending: spendingOf(jkt, payload) };
}

/** What the sign-in's nonce must be for this key and random part: base64url of SHA-256 over canonical {jkt, n}. */
export function nonceOf(jkt: string, n: string): string {
  return digest({ jkt, n });
}

/** `req` of a proof: base64url of SHA-256 over the request's RFC 8785 form. */
export function digest(request: unknown): string {
  const canonical = canonicalize(request);
  if (canonical === undefined) refuse("request", "The request has no canonical form.");
  return createHash("sha256").update(canonical).digest("base64url");
}

/** Clocks of browser, provider and functions may differ by this much (CONTRACTS §8). */
export const skewSeconds = 60;

const b64of32 = z.string().regex(/^[\w-]{43}$/);

/** No other member passes: no private part, no `crit`, no key by URL. */
const Header = z.strictObject({
  alg: z.literal("ES256"),
  typ: z.literal("roletrail-proof+jwt"),
  jwk: z.strictObject({ kty: z.literal("EC"), crv: z.literal("P-256"), x: b64of32, y: b64of32 }),
  n: b64of32,
});
type Header = z.infer<typeof Header>;

const Payload = z.strictObject({
  jti: z.string().regex(/^[\w-]{16,64}$/),
  iat: z.int(),
  deed: z.string().max(40),
  req: b64of32,
});
type Payload = z.infer<typeof Payload>;

/** Null for what is no header of ours. Never throws. */
function headerOf(proof: string): Header | null {
  return Header.safeParse(jsonOf(proof.split(".")[0] ?? "")).data ?? null;
}

/**
 * What the header's key signed; null when it did not. Never throws. In place, by Node's own crypto: WebCrypto hands each
 * import, digest and verification to another thread, and a mint waited for all of them (docs/decisions/0154).
 */
function signedPayload(proof: string, { jwk }: Header): Payload | null {
  const [head, body, signature, ...more] = proof.split(".");
  if (head === undefined || body === undefined || signature === undefined || more.length > 0) return null;
  if (!base64url.test(body) || !base64url.test(signature)) return null;
  return isSigned(`${head}.${body}`, signature, jwk) ? (Payload.safeParse(jsonOf(body)).data ?? null) : null;
}

const base64url = /^[\w-]+$/;

function isSigned(text: string, signature: string, jwk: Header["jwk"]): boolean {
  try {
    // JWS has the two numbers of an ECDSA signature side by side (RFC 7518 §3.4).
    const key = { key: publicKeyOf(jwk), dsaEncoding: "ieee-p1363" } as const;
    return verify("sha256", Buffer.from(text), key, Buffer.from(signature, "base64url"));
  } catch {
    // The point is not on the curve.
    return false;
  }
}

/** Browsers' keys as Node's crypto takes them: reading one takes longer than a signature by it (0.13 ms). */
const publicKeys = recent<KeyObject>(1_000);

/** @throws Error when the point is not on the curve. */
function publicKeyOf(jwk: Header["jwk"]): KeyObject {
  const name = `${jwk.x}.${jwk.y}`;
  const key = publicKeys.get(name) ?? createPublicKey({ key: jwk, format: "jwk" });
  publicKeys.set(name, key);
  return key;
}

function jsonOf(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    return null;
  }
}

/** RFC 7638. */
const thumbprintOf = ({ crv, kty, x, y }: Header["jwk"]): string => digest({ crv, kty, x, y });

function expectRequest(payload: Payload, claim: Claim): void {
  if (payload.deed !== claim.deed || payload.req !== digest(claim.request))
    refuse("request", "The proof was made for another request than the one that came.");
}

function expectFresh(payload: Payload, now: Date): void {
  const age = now.getTime() / 1000 - payload.iat;
  if (Math.abs(age) <= skewSeconds) return;
  const clock = age < 0 ? "ahead of" : "behind";
  refuse(
    "stale",
    `The proof's time is ${Math.round(Math.abs(age))} seconds ${clock} ours; at most ${skewSeconds} pass.`,
  );
}

/** Ids are kept for their own key only, so that nobody can spend another person's in advance. */
function spendingOf(jkt: string, payload: Payload): Put {
  // From iat - 60 s to iat + 60 s it would pass; a minute more for clocks of several functions.
  const expires_at = (payload.iat + 3 * skewSeconds) * 1000;
  return { partition: "proof", sort: `${jkt}#${payload.jti}`, value: {}, expires_at };
}

export const proofSpent = (): Refusal => new Refusal("proof.spent", "This proof was used before.", { help });

const help = "Do it again from the page; it makes a new proof. If it repeats, sign out and in again.";

function refuse(why: "header" | "nonce" | "signature" | "request" | "stale", sentence: string): never {
  const code: RefusalCode = `proof.${why}`;
  throw new Refusal(code, sentence, { help });
}
