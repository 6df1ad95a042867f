import { createHash } from "node:crypto";
import { errors, type JWTHeaderParameters, type JWTVerifyGetKey, jwtVerify } from "jose";
import { z } from "zod";
import { recent } from "./recent.ts";
import { Refusal } from "./refusal.ts";

/** The sign-in provider as the access file names it, with its keys (JWKS, cached and rotating). */
export interface SigninIssuer {
  readonly issuer: string;
  readonly client_id: string;
  /** The immutable claim a person is known by. */
  readonly claim: string;
  readonly groups_claim: string;
  readonly name_claim: string;
  /** @throws Refusal `signin.provider` when the provider does not answer. */
  readonly keys: JWTVerifyGetKey;
}

/** The claims the product reads by name; the others stay as they came. */
export const IdTokenClaims = z.looseObject({
  sub: z.string().min(1).max(255),
  iat: z.number(),
  exp: z.number(),
  auth_time: z.number(),
  nonce: z.string().min(1).max(255),
  azp: z.string().optional(),
});
export type IdTokenClaims = z.infer<typeof IdTokenClaims>;

/** An id_token older than this proves nothing, however long its provider lets it live (some: 10 h). */
export const idTokenSecondsMax = 3_600;
/** A sign-in lasts a working day; then the provider must ask again. */
export const signinSecondsMax = 8 * 3_600;
const skewSeconds = 60;

/** Only signatures with a public key: `none` and HMAC (with the client id as its key) never pass. */
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

/**
 * The id_token's claims, verified: signature by the provider's key, issuer, audience, times, auth_time, nonce present, azp.
 * @throws Refusal `proof.token`, `proof.stale` (expired or old), `signin.expired` (auth_time over 8 h), `proof.azp`.
 */
export async function verifyIdToken(issuer: SigninIssuer, token: string, now: Date): Promise<IdTokenClaims> {
  const claims = IdTokenClaims.safeParse(await signedClaims(issuer, token, now));
  if (!claims.success) {
    const missing = String(claims.error.issues[0]?.path[0] ?? "a claim");
    throw new Refusal("proof.token", `The sign-in provider's token lacks a right ${missing}.`, {
      help: `The provider must put ${missing} into the id_token (docs/config.md).`,
    });
  }
  expectTimes(claims.data, now.getTime() / 1000);
  expectParty(claims.data, issuer.client_id);
  return claims.data;
}

/** A token whose signature was found right: by which of the provider's keys, and what it says. */
interface Seen {
  readonly header: JWTHeaderParameters;
  readonly key: unknown;
  readonly payload: unknown;
}

/** By digest of issuer, audience and token. A signature that fitted a key fits it for ever; all else is judged each time. */
const seen = recent<Seen>(1_000);

async function signedClaims(issuer: SigninIssuer, token: string, now: Date): Promise<unknown> {
  const name = createHash("sha256")
    .update(JSON.stringify([issuer.issuer, issuer.client_id, token]))
    .digest("base64url");
  try {
    const before = seen.get(name);
    if (before !== undefined && (await hasKey(issuer, before))) return before.payload;
    const { payload, protectedHeader, key } = await jwtVerify(token, issuer.keys, {
      algorithms,
      issuer: issuer.issuer,
      audience: issuer.client_id,
      clockTolerance: skewSeconds,
      currentDate: now,
    });
    seen.set(name, { header: protectedHeader, key, payload });
    return payload;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (error instanceof errors.JWTExpired) throw stale("The sign-in's token has run out.");
    // The provider took the key away that signed it: a new token has the new key.
    if (error instanceof errors.JWKSNoMatchingKey) throw stale("The provider no longer has the key of this sign-in.");
    if (!(error instanceof errors.JOSEError)) throw error;
    throw new Refusal("proof.token", `The sign-in provider's token was not accepted: ${reasonOf(error)}.`, {
      help: "Sign out and in again. If it repeats, issuer and client_id of the access file may not fit the provider.",
    });
  }
}

/** The provider still has that very key. One that was read anew is another object: then the signature is verified again. */
async function hasKey(issuer: SigninIssuer, { header, key }: Seen): Promise<boolean> {
  return (await issuer.keys(header, { payload: "", signature: "" })) === key;
}

function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTClaimValidationFailed) return `its ${error.claim} is not the expected one`;
  if (error instanceof errors.JOSEAlgNotAllowed) return "it is signed in a way that proves nothing";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "its signature is wrong";
  return "it is not a token of this provider";
}

function expectTimes(claims: IdTokenClaims, now: number): void {
  // jose's own judgement may be an earlier one of the same token.
  if (now - claims.exp >= skewSeconds) throw stale("The sign-in's token has run out.");
  if (now - claims.iat > idTokenSecondsMax + skewSeconds) throw stale("The sign-in's token is over an hour old.");
  if (claims.iat - now > skewSeconds || claims.auth_time - now > skewSeconds)
    throw new Refusal("proof.token", "The sign-in provider's token is dated in the future.", {
      help: "The clock of the provider or of this machine is wrong by more than a minute.",
    });
  if (now - claims.auth_time > signinSecondsMax + skewSeconds)
    throw new Refusal("signin.expired", "You signed in more than 8 hours ago.", { help: "Sign in again." });
}

/** OIDC Core §3.1.3.7: azp, when present, is us; with several audiences it must be present. */
function expectParty(claims: IdTokenClaims, clientId: string): void {
  const audience = claims["aud"];
  const several = Array.isArray(audience) && audience.length > 1;
  if (claims.azp === clientId || (claims.azp === undefined && !several)) return;
  throw new Refusal("proof.azp", "The sign-in provider's token was issued for another program.", {
    help: "Sign out and in again from this page.",
  });
}

const stale = (sentence: string): Refusal =>
  new Refusal("proof.stale", sentence, { help: "The page renews it by itself; do it again." });
