import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { newId } from "#/core/ids.ts";
import type { Issuer } from "#/core/mint/issuer.ts";
import { person } from "./access.ts";
import { lookByIam, type Session } from "./minting.ts";
import type { MustRefuse } from "./refused.ts";
import { hourSeconds, type RoleKind, roleArn } from "./role-names.ts";
import type { Run } from "./run.ts";
import { Failed } from "./steps.ts";

/** Calls of AssumeRoleWithWebIdentity that AWS must refuse, each wrong in one thing alone. */
export function refusedTokens(run: Run, issuer: Issuer): readonly MustRefuse[] {
  const { account } = run.caller;
  const to = (kind: RoleKind, claims: JWTPayload, seconds?: number) => async () =>
    taken(run, kind, await issuer.sign(claims), seconds);
  const good = (change: JWTPayload = {}): JWTPayload => ({ ...claimsFor(run, "web"), ...change });
  const seconds = (): number => Math.floor(run.outside.now().getTime() / 1_000);
  // biome-ignore format: the columns are the point
  return [
    { name: "a token of one role at another", proves: "the subject in the trust policy binds a token to one role", as: /^AccessDenied/, attempt: to("other", claimsFor(run, "web")) },
    { name: "a token of another account", proves: "the subject names the account, too", as: /^AccessDenied/, attempt: to("web", good({ sub: `${account === "000000000000" ? "1" : "0"}00000000000:${run.names.roleName("web")}:${person.id}` })) },
    { name: "a token with our audience and no role in its subject", proves: "the audience alone opens nothing", as: /^AccessDenied/, attempt: to("web", good({ sub: person.id })) },
    { name: "a token for another audience", proves: "a token for another service is none for STS", as: /^InvalidIdentityToken/, attempt: to("web", good({ aud: "elsewhere.example.com" })) },
    { name: "session tags that are not ours", proves: "aws:TagKeys in the trust policy admits our names only", as: /^AccessDenied/, attempt: to("web", withTags(good(), { RoletrailMint: "m_x", Department: "all" })) },
    { name: "a token without the mint's tag", proves: "the trust policy asks for it, so that every session can be ended alone", as: /^AccessDenied/, attempt: async () => taken(run, "web", await issuer.sign(untaggedClaims(run))) },
    { name: "a source identity with the reserved prefix", proves: "aws: is AWS's own", as: /^(ValidationError|InvalidIdentityToken|AccessDenied)/, attempt: to("web", good({ [sourceIdentity]: "aws:root" })) },
    { name: "two hours of a role that lends one", proves: "STS refuses above the role's maximum, it does not shorten", as: /^ValidationError/, attempt: to("web", good(), 2 * hourSeconds) },
    { name: "thirteen hours", proves: "no session is longer than twelve hours", as: /^ValidationError/, attempt: to("web", good(), 13 * hourSeconds) },
    { name: "a token that has expired", proves: "a token works in its own minute only", as: /^ExpiredToken/, attempt: async () => to("web", good({ iat: seconds() - 900, exp: seconds() - 840 }))() },
    { name: "a token of an issuer that is not registered", proves: "only registered issuers are believed", as: /^InvalidIdentityToken/, attempt: async () => taken(run, "web", await forged(run, good(), `https://${run.names.run}.example.com`)) },
    { name: "our issuer's name under another key", proves: "the published keys are what counts", as: /^InvalidIdentityToken/, attempt: async () => taken(run, "web", await forged(run, good(), issuer.url)) },
    { name: "a session without the mint's tag and the person", proves: "what asks for aws:PrincipalTag/RoletrailMint is denied to a session without it", as: /^AccessDenied/, attempt: () => untagged(run, issuer) },
  ];
}

/** The same token at a role that trusts the audience alone: what the subject in the shipped trust policy is worth. */
export async function takenByAudience(run: Run, issuer: Issuer): Promise<string> {
  const session = await taken(run, "audience", await issuer.sign(claimsFor(run, "web")));
  await lookByIam(run, session, "audience");
  return "taken, as AWS's own tutorials would let it be; the shipped trust policy is what refuses it";
}

function untaggedClaims(run: Run): JWTPayload {
  const { [tagsClaim]: _tags, ...bare } = claimsFor(run, "web");
  return bare;
}

async function untagged(run: Run, issuer: Issuer): Promise<void> {
  const { [sourceIdentity]: _person, ...bare } = untaggedClaims(run);
  const session = await taken(run, "audience", await issuer.sign(bare)).catch((error: unknown) => {
    throw new Failed(`The session to try it with was refused: ${error instanceof Error ? error.message : "no answer"}`);
  });
  await lookByIam(run, session, "audience");
}

const tagsClaim = "https://aws.amazon.com/tags";
const sourceIdentity = "https://aws.amazon.com/source_identity";

/** The claims of a mint (core/mint/web-identity.ts), so that one of them can be wrong. */
function claimsFor(run: Run, kind: RoleKind): JWTPayload {
  const iat = Math.floor(run.outside.now().getTime() / 1_000);
  const mint = newId("m");
  const claims = {
    aud: "sts.amazonaws.com",
    sub: `${run.caller.account}:${run.names.roleName(kind)}:${person.id}`,
    iat,
    exp: iat + 60,
    jti: mint,
    [sourceIdentity]: person.id,
  };
  return withTags(claims, { RoletrailMint: mint });
}

const withTags = (claims: JWTPayload, tags: Readonly<Record<string, string>>): JWTPayload => ({
  ...claims,
  [tagsClaim]: {
    principal_tags: Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, [value]])),
    transitive_tag_keys: ["RoletrailMint"],
  },
});

async function forged(run: Run, claims: JWTPayload, iss: string): Promise<string> {
  const { privateKey } = await generateKeyPair("ES256");
  return new SignJWT({ ...claims, iss })
    .setProtectedHeader({ alg: "ES256", kid: run.names.run, typ: "JWT" })
    .sign(privateKey);
}

async function taken(run: Run, kind: RoleKind, token: string, seconds = hourSeconds): Promise<Session> {
  const unsigned = { accessKeyId: "", secretAccessKey: "" };
  const sts = new STSClient({ region: run.terms.region, credentials: unsigned, maxAttempts: 3 });
  const asked = {
    RoleArn: roleArn(run, kind),
    RoleSessionName: "contract",
    WebIdentityToken: token,
    DurationSeconds: seconds,
  };
  try {
    const { Credentials: given } = await sts.send(new AssumeRoleWithWebIdentityCommand(asked));
    const {
      AccessKeyId: accessKeyId = "",
      SecretAccessKey: secretAccessKey = "",
      SessionToken: sessionToken = "",
    } = given ?? {};
    return { accessKeyId, secretAccessKey, sessionToken };
  } finally {
    sts.destroy();
  }
}
