import { writeFileSync } from "node:fs";
import path from "node:path";
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  type AssumeRoleWithWebIdentityCommandInput,
  STSClient,
} from "@aws-sdk/client-sts";
import { generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keysOf, refusal, roleArn } from "../clients.ts";
import { accountIds, issuer, type Started, startSandbox } from "../start.ts";

const { main } = accountIds;
const clock = { now: new Date("2026-11-21T09:30:00Z") };
let sandbox: Started;
beforeAll(async () => {
  sandbox = await startSandbox({ now: () => clock.now });
});
afterAll(() => sandbox.close());

const seconds = () => Math.floor(clock.now.getTime() / 1000);
const tagClaim = "https://aws.amazon.com/tags";
const identityClaim = "https://aws.amazon.com/source_identity";
const sub = `${main}:Web:k4z`;

/** Unsigned, as the SDK sends it: no key, no session. */
const exchange = (WebIdentityToken: string, input: Partial<AssumeRoleWithWebIdentityCommandInput> = {}) =>
  new STSClient({ ...sandbox.client, credentials: { accessKeyId: "", secretAccessKey: "" } }).send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: roleArn("Web"),
      RoleSessionName: "jo",
      WebIdentityToken,
      ...input,
    }),
  );

const forged = async (payload: Record<string, unknown>, header: Record<string, unknown> = {}) => {
  const { privateKey } = await generateKeyPair("ES256");
  const claims = { iss: issuer, aud: "sts.amazonaws.com", sub, iat: seconds(), exp: seconds() + 60, ...payload };
  return new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "current", ...header }).sign(privateKey);
};

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

const refused: [string, () => Promise<string> | string, RegExp][] = [
  ["garbage", () => "not.a.token", /^InvalidIdentityToken/],
  ["a word of four letters", () => "abcd", /^InvalidIdentityToken.*: The ID Token provided is not a valid JWT/],
  [
    "a token without signature",
    () => `${encoded({ alg: "none" })}.${encoded({ iss: issuer, sub, aud: "sts.amazonaws.com" })}.`,
    /^InvalidIdentityToken/,
  ],
  [
    "a token signed with a shared secret",
    () =>
      new SignJWT({ iss: issuer, sub, aud: "sts.amazonaws.com" })
        .setProtectedHeader({ alg: "HS256" })
        .sign(Buffer.alloc(32)),
    /^InvalidIdentityToken.*algorithm/,
  ],
  ["a token of another key under our key's id", () => forged({}), /^InvalidIdentityToken.*signature/],
  [
    "a token of a key nobody published",
    () => forged({}, { kid: "unknown" }),
    /^InvalidIdentityToken.*Couldn't retrieve verification key/,
  ],
  [
    "an altered payload",
    async () =>
      (await sandbox.token({ sub }))
        .split(".")
        .map((part, at) =>
          at === 1
            ? encoded({
                iss: issuer,
                aud: "sts.amazonaws.com",
                sub: `${main}:Web:other`,
                iat: seconds(),
                exp: seconds() + 60,
              })
            : part,
        )
        .join("."),
    /^InvalidIdentityToken/,
  ],
  [
    "an issuer the account does not know",
    () => sandbox.token({ sub, iss: "https://evil.test" }),
    /^InvalidIdentityToken.*: No OpenIDConnect provider found in your account for https:\/\/evil\.test$/,
  ],
  [
    "an issuer over http",
    () => sandbox.token({ sub, iss: issuer.replace("https", "http") }),
    /^InvalidIdentityToken.*No OpenIDConnect provider/,
  ],
  [
    "an issuer with a port",
    () => sandbox.token({ sub, iss: `${issuer}:443` }),
    /^InvalidIdentityToken.*No OpenIDConnect provider/,
  ],
  [
    "a known issuer that nobody can reach",
    () => sandbox.token({ sub, iss: "https://idp.unreachable.test" }),
    /^IDPCommunicationError/,
  ],
  [
    "another audience",
    () => sandbox.token({ sub, aud: "someone-else" }),
    /^InvalidIdentityToken.*: Incorrect token audience$/,
  ],
  [
    "an expired token",
    () => sandbox.token({ sub, exp: seconds() - 1 }),
    /^ExpiredTokenException.*: Token expired: current date\/time \d+ must be before the expiration date\/time \d+$/,
  ],
  ["a token of the future", () => sandbox.token({ sub, iat: seconds() + 3_600 }), /^IDPRejectedClaim/],
  ["no subject", () => sandbox.token({}), /^InvalidIdentityToken.*: Missing a required claim: sub$/],
  ["an iat that is no integer", () => sandbox.token({ sub, iat: seconds() + 0.5 }), /^InvalidIdentityToken.*iat/],
  [
    "tags that are no tags",
    () => sandbox.token({ sub, [tagClaim]: { principal_tags: { team: ["a", "b"] } } }),
    /^InvalidIdentityToken/,
  ],
  [
    "a tag key with a reserved prefix",
    () => sandbox.token({ sub, [tagClaim]: { principal_tags: { "aws:x": ["a"] } } }),
    /^InvalidParameterValue/,
  ],
  ["a source identity of one letter", () => sandbox.token({ sub, [identityClaim]: "a" }), /^ValidationError/],
];

describe("AssumeRoleWithWebIdentity refuses", () => {
  test.each(refused)("%s", async (_, token, wanted) => {
    expect(await refusal(exchange(await token()))).toMatch(wanted);
  });

  test("a token made for another role, which audience alone would let through", async () => {
    const token = await sandbox.token({ sub: `${main}:WebTwo:k4z` });
    expect(await refusal(exchange(token))).toBe(
      "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity",
    );
    expect(await refusal(exchange(token, { RoleArn: roleArn("WebTwo") }))).toBeUndefined();
  });

  test("a tag name the trust policy does not list", async () => {
    const token = await sandbox.token({ sub, [tagClaim]: { principal_tags: { admin: ["yes"] } } });
    expect(await refusal(exchange(token))).toMatch(/^AccessDenied: Not authorized to perform sts:/);
  });

  test("a role that does not exist, or trusts no provider, in the same words", async () => {
    const token = await sandbox.token({ sub });
    for (const role of ["None", "Plain"])
      expect(await refusal(exchange(token, { RoleArn: roleArn(role) }))).toBe(
        "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity",
      );
    expect(await refusal(exchange(token, { RoleArn: roleArn("Web", "999999999999") }))).toMatch(/^AccessDenied/);
  });

  test("more than the role's maximum, and takes 12 hours of a 12 hour role: it is no chaining", async () => {
    const token = await sandbox.token({ sub });
    expect(await refusal(exchange(token, { DurationSeconds: 43_200 }))).toBeUndefined();
    const two = await sandbox.token({ sub: `${main}:WebTwo:k4z` });
    expect(await refusal(exchange(two, { RoleArn: roleArn("WebTwo"), DurationSeconds: 7_200 }))).toMatch(
      /^ValidationError.*MaxSessionDuration/,
    );
  });
});

test("tags and source identity of the token are the session's, and go on through a chain", async () => {
  const token = await sandbox.token({
    sub,
    [tagClaim]: { principal_tags: { RoletrailMint: ["m_1"], team: ["data"] }, transitive_tag_keys: ["RoletrailMint"] },
    [identityClaim]: "p_jo",
  });
  const answer = await exchange(token);
  expect([answer.SourceIdentity, answer.Provider, answer.Audience, answer.SubjectFromWebIdentityToken]).toEqual([
    "p_jo",
    `arn:aws:iam::${main}:oidc-provider/issuer.roletrail.test`,
    "sts.amazonaws.com",
    sub,
  ]);
  const systemClockOffset = clock.now.getTime() - Date.now();
  const sts = new STSClient({ ...sandbox.client, systemClockOffset, credentials: keysOf(answer.Credentials) });
  const next = await sts.send(new AssumeRoleCommand({ RoleArn: roleArn("Second"), RoleSessionName: "jo" }));
  expect(next.SourceIdentity).toBe("p_jo");
  const chained = sandbox.records().find((record) => record["eventName"] === "AssumeRole");
  expect(chained?.["requestParameters"].incomingTransitiveTags).toEqual({ RoletrailMint: "m_1" });
  expect(chained?.["userIdentity"].sessionContext).toMatchObject({
    sourceIdentity: "p_jo",
    webIdFederationData: { federatedProvider: `arn:aws:iam::${main}:oidc-provider/issuer.roletrail.test` },
  });
});

test("keys published after the start are read; without any, the provider is out of reach", async () => {
  const token = await sandbox.token({ sub });
  const file = path.join(sandbox.world, "issuer/jwks.json");
  writeFileSync(file, JSON.stringify({ keys: [] }));
  expect(await refusal(exchange(token))).toMatch(/^InvalidIdentityToken.*Couldn't retrieve verification key/);
  writeFileSync(file, "half a fi");
  expect(await refusal(exchange(token))).toMatch(/^IDPCommunicationError/);
});

test("a token that proved nothing names nobody in the trail", async () => {
  const denied = sandbox.records().filter((record) => record["errorCode"] === "InvalidIdentityToken");
  expect(denied.length).toBeGreaterThan(5);
  for (const record of denied) expect(record["userIdentity"].userName).toBeUndefined();
});
