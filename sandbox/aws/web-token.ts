import { compactVerify, createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors, type JSONWebKeySet } from "jose";
import { z } from "zod";
import { AwsError } from "./call.ts";
import type { Account, OidcProvider } from "./state.ts";

/** Reads the published keys of an issuer; undefined when nobody answers there. */
export type IssuerKeys = (issuer: string) => JSONWebKeySet | undefined;

/** A web identity whose signature, issuer, audience and time were checked. */
export interface WebIdentity {
  /** ARN of the OIDC provider in the role's account. */
  readonly provider: string;
  /** `issuer.roletrail.test`: prefix of the condition keys. */
  readonly host: string;
  readonly audience: string;
  readonly subject: string;
  readonly tags: readonly (readonly [string, string])[];
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity?: string;
}

/** The provider the token names, before anything about it is believed. @throws AwsError InvalidIdentityToken. */
export function providerFor(account: Account, token: string): { provider: OidcProvider; issuer: string } {
  const issuer = issuerIn(token);
  const host = /^https:\/\/([^\s:/?#]+(?:\/[^\s:?#]*)?)$/.exec(issuer)?.[1];
  const provider = account.oidcProviders.find((one) => one.url === host);
  if (provider === undefined) throw invalid(`No OpenIDConnect provider found in your account for ${issuer}`);
  return { provider, issuer };
}

/** @throws AwsError InvalidIdentityToken, ExpiredTokenException, IDPCommunicationError, IDPRejectedClaim. */
export async function verifyWebToken(
  account: Account,
  keysOf: IssuerKeys,
  token: string,
  now: Date,
): Promise<WebIdentity> {
  const { provider, issuer } = providerFor(account, token);
  const claims = claimsOf(await payloadOf(keysOf, issuer, token));
  checkTimes(claims, now);
  const audiences = typeof claims.aud === "string" ? [claims.aud] : claims.aud;
  // `azp` names the client where several audiences are given, as AWS reads Google's tokens.
  const audience = claims.azp ?? audiences.find((one) => provider.clientIds.includes(one));
  if (audience === undefined || !provider.clientIds.includes(audience)) throw invalid("Incorrect token audience");
  const tags = claims["https://aws.amazon.com/tags"];
  const sourceIdentity = claims["https://aws.amazon.com/source_identity"];
  return {
    provider: `arn:aws:iam::${account.id}:oidc-provider/${provider.url}`,
    host: provider.url,
    audience,
    subject: claims.sub,
    tags: Object.entries(tags?.principal_tags ?? {}).map(([key, value]) => [
      key,
      typeof value === "string" ? value : value[0],
    ]),
    transitiveTagKeys: tags?.transitive_tag_keys ?? [],
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
  };
}

const algorithms = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];
const clockSkewSeconds = 300;

const invalid = (message: string): AwsError => new AwsError("InvalidIdentityToken", message);

function issuerIn(token: string): string {
  try {
    const { alg } = decodeProtectedHeader(token);
    if (!algorithms.includes(alg ?? ""))
      throw invalid(`Unsupported signature algorithm; use one of ${algorithms.join(", ")}`);
    const { iss } = decodeJwt(token);
    if (typeof iss !== "string") throw invalid("Missing a required claim: iss");
    return iss;
  } catch (error) {
    if (error instanceof AwsError) throw error;
    throw invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
  }
}

async function payloadOf(keysOf: IssuerKeys, issuer: string, token: string): Promise<unknown> {
  const keys = keysOf(issuer);
  if (keys === undefined)
    throw new AwsError(
      "IDPCommunicationError",
      "The request could not be fulfilled because the identity provider (IDP) that was asked to verify the incoming identity token could not be reached.",
    );
  try {
    const { payload } = await compactVerify(token, createLocalJWKSet(keys), { algorithms });
    return JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSInvalid)
      throw invalid(
        "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
      );
    throw invalid("The signature of the ID Token provided is not valid");
  }
}

// Timestamps must be integers; AWS refuses 1700000000.5 and "1700000000".
const Claims = z.object({
  sub: z.string().min(1).max(255),
  aud: z.union([z.string(), z.array(z.string()).min(1)]),
  azp: z.string().optional(),
  exp: z.int(),
  iat: z.int(),
  nbf: z.int().optional(),
  "https://aws.amazon.com/tags": z
    .object({
      principal_tags: z.record(z.string(), z.union([z.string(), z.tuple([z.string()])])).optional(),
      transitive_tag_keys: z.array(z.string()).optional(),
    })
    .optional(),
  "https://aws.amazon.com/source_identity": z.string().optional(),
});

function claimsOf(payload: unknown): z.infer<typeof Claims> {
  const parsed = Claims.safeParse(payload);
  if (parsed.success) return parsed.data;
  const claim = String(parsed.error.issues[0]?.path[0] ?? "");
  const isMissing = typeof payload === "object" && payload !== null && !Object.hasOwn(payload, claim);
  throw invalid(isMissing ? `Missing a required claim: ${claim}` : `The claim ${claim} is not of the right form`);
}

function checkTimes(claims: z.infer<typeof Claims>, now: Date): void {
  const seconds = Math.floor(now.getTime() / 1000);
  if (claims.exp <= seconds)
    throw new AwsError(
      "ExpiredTokenException",
      `Token expired: current date/time ${seconds} must be before the expiration date/time ${claims.exp}`,
    );
  if (Math.max(claims.iat, claims.nbf ?? 0) > seconds + clockSkewSeconds)
    throw new AwsError(
      "IDPRejectedClaim",
      "The identity provider (IdP) reported that authentication failed: the token is not valid yet.",
      403,
    );
}
