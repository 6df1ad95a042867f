import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  base64url,
  type CryptoKey,
  calculateJwkThumbprint,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { SigninIssuer } from "#/core/id-token.ts";
import { groupsAreOnlyIds, groupsOf, personOf } from "#/core/person-of.ts";
import { type Court, digest, nonceOf, verifyProof } from "#/core/proof.ts";
import { Refusal } from "#/core/refusal.ts";
import { openLibsqlStore } from "#/core/store/libsql.ts";

const now = new Date("2026-11-21T09:30:00Z");
const seconds = now.getTime() / 1000;
const issuerUrl = "https://signin.example.test";
const request = { role: "arn:aws:iam::111122223333:role/ReadOnly", seconds: 3600 };

let provider: { privateKey: CryptoKey; publicKey: CryptoKey };
let stranger: { privateKey: CryptoKey; publicKey: CryptoKey };
let browser: { privateKey: CryptoKey; publicKey: CryptoKey };
let otherBrowser: { privateKey: CryptoKey; publicKey: CryptoKey };
let jwk: JWK;
let issuer: SigninIssuer;
let court: Court;

beforeAll(async () => {
  provider = await generateKeyPair("RS256");
  stranger = await generateKeyPair("RS256");
  browser = await generateKeyPair("ES256", { extractable: true });
  otherBrowser = await generateKeyPair("ES256", { extractable: true });
  jwk = await exportJWK(browser.publicKey);
  const keys = createLocalJWKSet({
    keys: [{ ...(await exportJWK(provider.publicKey)), kid: "one", alg: "RS256", use: "sig" }],
  });
  issuer = {
    issuer: issuerUrl,
    client_id: "roletrail",
    claim: "sub",
    groups_claim: "groups",
    name_claim: "name",
    keys,
  };
});

const folder = mkdtempSync(path.join(tmpdir(), "roletrail-proof-"));
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  court = {
    issuer,
    personKey: new Uint8Array(32).fill(7),
    store: openLibsqlStore(path.join(folder, `${Math.random()}.db`), { now: () => now.getTime() }),
    now: () => now,
  };
});

const n = base64url.encode(new Uint8Array(32).fill(1));

async function idToken(change: JWTPayload = {}, key = provider.privateKey): Promise<string> {
  const claims = {
    iss: issuerUrl,
    aud: "roletrail",
    sub: "u-1",
    iat: seconds - 30,
    exp: seconds + 270,
    auth_time: seconds - 60,
    nonce: nonceOf(await calculateJwkThumbprint(jwk), n),
    groups: ["data"],
    name: "Mara Oyelaran",
    ...change,
  };
  return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "one" }).sign(key);
}

interface Shape {
  header?: Record<string, unknown>;
  payload?: Record<string, unknown>;
  key?: CryptoKey;
}

let jtis = 0;

async function proof({ header = {}, payload = {}, key = browser.privateKey }: Shape = {}): Promise<string> {
  const { kty, crv, x, y } = jwk;
  jtis += 1;
  return new SignJWT({
    jti: `jti-${String(jtis).padStart(16, "0")}`,
    iat: seconds,
    deed: "mint",
    req: digest(request),
    ...payload,
  })
    .setProtectedHeader({ alg: "ES256", typ: "roletrail-proof+jwt", jwk: { kty, crv, x, y }, n, ...header } as never)
    .sign(key);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "accepted";
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.code;
  }
}

const judge = async (
  token: Promise<string> | string,
  jws: Promise<string> | string,
  deed = "mint",
  body: unknown = request,
) => codeOf(verifyProof(court, { idToken: await token, proof: await jws, deed, request: body }));

test("a fresh id_token, a bound key and a signature over this request make a person", async () => {
  const person = await verifyProof(court, { idToken: await idToken(), proof: await proof(), deed: "mint", request });
  expect(person).toEqual({
    id: expect.stringMatching(/^p_[a-z2-7]{16}$/),
    issuer: issuerUrl,
    claim: "u-1",
    groups: ["data"],
    groups_state: "complete",
    name: "Mara Oyelaran",
    authenticated_at: "2026-11-21T09:29:00Z",
    via: "browser",
  });
});

test("the order of a request's fields does not matter, their values do", async () => {
  expect(await judge(idToken(), proof(), "mint", { seconds: 3600, role: request.role })).toBe("accepted");
  expect(await judge(idToken(), proof(), "mint", { ...request, seconds: 43_200 })).toBe("proof.request");
  expect(await judge(idToken(), proof(), "mint", { ...request, reason: "added" })).toBe("proof.request");
});

test("a proof for one deed is no proof for another", async () => {
  expect(await judge(idToken(), proof(), "revoke")).toBe("proof.request");
});

test("a token that was accepted is judged anew each time: its end, its provider's keys, its audience", async () => {
  const token = await idToken();
  const judged = async (change: Partial<Court>, iat = seconds): Promise<string> => {
    const claim = { idToken: token, proof: await proof({ payload: { iat } }), deed: "mint", request };
    return codeOf(verifyProof({ ...court, ...change }, claim));
  };
  const late = seconds + 331;
  const keysOf = async (key: CryptoKey, kid = "one") =>
    createLocalJWKSet({ keys: [{ ...(await exportJWK(key)), kid, alg: "RS256", use: "sig" }] });
  expect(await judged({})).toBe("accepted");
  expect(await judged({})).toBe("accepted");
  expect(await judged({ now: () => new Date(late * 1000) }, late)).toBe("proof.stale");
  expect(await judged({ issuer: { ...issuer, client_id: "another" } })).toBe("proof.token");
  expect(await judged({ issuer: { ...issuer, issuer: "https://other.example.test" } })).toBe("proof.token");
  const withdrawn = await keysOf(stranger.publicKey, "two");
  expect(await judged({ issuer: { ...issuer, keys: withdrawn } })).toBe("proof.stale");
  const replaced = await keysOf(stranger.publicKey);
  expect(await judged({ issuer: { ...issuer, keys: replaced } })).toBe("proof.token");
  const readAgain = await keysOf(provider.publicKey);
  expect(await judged({ issuer: { ...issuer, keys: readAgain } })).toBe("accepted");
});

test("a proof is spent once", async () => {
  const once = await proof();
  expect(await judge(idToken(), once)).toBe("accepted");
  expect(await judge(idToken(), once)).toBe("proof.spent");
});

test("a proof refused for another reason is not spent by that", async () => {
  const once = await proof();
  expect(await judge(idToken(), once, "revoke")).toBe("proof.request");
  expect(await judge(idToken(), once)).toBe("accepted");
});

test("the same id by another key is another proof", async () => {
  const jti = "chosen-by-somebody-else";
  const other = await exportJWK(otherBrowser.publicKey);
  const { kty, crv, x, y } = other;
  const theirs = idToken({ nonce: nonceOf(await calculateJwkThumbprint(other), n), sub: "u-2" });
  const theirProof = proof({ header: { jwk: { kty, crv, x, y } }, payload: { jti }, key: otherBrowser.privateKey });
  expect(await judge(theirs, theirProof)).toBe("accepted");
  expect(await judge(idToken(), proof({ payload: { jti } }))).toBe("accepted");
});

const tokens: readonly (readonly [string, () => Promise<string>, string])[] = [
  ["signed by a stranger", () => idToken({}, stranger.privateKey), "proof.token"],
  ["of another issuer", () => idToken({ iss: "https://evil.test" }), "proof.token"],
  ["for another client", () => idToken({ aud: "other" }), "proof.token"],
  ["whose azp is another client", () => idToken({ azp: "other" }), "proof.azp"],
  ["for two audiences without azp", () => idToken({ aud: ["roletrail", "other"] }), "proof.azp"],
  ["expired over a minute ago", () => idToken({ exp: seconds - 61 }), "proof.stale"],
  [
    "issued over an hour ago, however long it lives",
    () => idToken({ iat: seconds - 3_661, exp: seconds + 9_000 }),
    "proof.stale",
  ],
  ["issued in the future", () => idToken({ iat: seconds + 90 }), "proof.token"],
  ["authenticated 9 hours ago", () => idToken({ auth_time: seconds - 9 * 3_600 }), "signin.expired"],
  ["authenticated in the future", () => idToken({ auth_time: seconds + 90 }), "proof.token"],
  ["without auth_time", () => idToken({ auth_time: undefined as never }), "proof.token"],
  ["without exp", () => idToken({ exp: undefined as never }), "proof.token"],
  ["without iat", () => idToken({ iat: undefined as never }), "proof.token"],
  ["without nonce", () => idToken({ nonce: undefined as never }), "proof.token"],
  ["without sub", () => idToken({ sub: undefined as never }), "proof.token"],
  ["bound to another random part", () => idToken({ nonce: "x".repeat(43) }), "proof.nonce"],
  ["without groups", () => idToken({ groups: undefined }), "groups.missing"],
  [
    "with groups elsewhere (_claim_names)",
    () => idToken({ groups: undefined, _claim_names: { groups: "src1" } }),
    "groups.overage",
  ],
  ["with hasgroups", () => idToken({ groups: undefined, hasgroups: true }), "groups.overage"],
];

test.each(tokens)("an id_token %s is refused", async (_, token, code) => {
  expect(await judge(token(), proof())).toBe(code);
});

test("60 seconds of clock skew pass, for the token and for the proof", async () => {
  expect(await judge(idToken({ exp: seconds - 59 }), proof({ payload: { iat: seconds - 60 } }))).toBe("accepted");
  expect(
    await judge(idToken({ iat: seconds + 59, auth_time: seconds + 59 }), proof({ payload: { iat: seconds + 60 } })),
  ).toBe("accepted");
});

test("an unsigned id_token, and one signed with the client id as a password, are refused", async () => {
  const claims = { sub: "u-1", nonce: "n", auth_time: seconds, groups: [] };
  const unsigned = new UnsecuredJWT(claims)
    .setIssuer(issuerUrl)
    .setAudience("roletrail")
    .setIssuedAt(now)
    .setExpirationTime(seconds + 60)
    .encode();
  expect(await judge(unsigned, proof())).toBe("proof.token");
  const hmac = await new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(issuerUrl)
    .setAudience("roletrail")
    .setExpirationTime(seconds + 60)
    .sign(new TextEncoder().encode("roletrail"));
  expect(await judge(hmac, proof())).toBe("proof.token");
  expect(await judge("not a token", proof())).toBe("proof.token");
});

test("another person's token with my key is refused", async () => {
  const theirs = await exportJWK(otherBrowser.publicKey);
  expect(await judge(idToken({ sub: "u-2", nonce: nonceOf(await calculateJwkThumbprint(theirs), n) }), proof())).toBe(
    "proof.nonce",
  );
});

const headers: readonly (readonly [string, Record<string, unknown>])[] = [
  ["another typ", { typ: "JWT" }],
  ["a random part of another length", { n: "short" }],
  ["an unknown member", { kid: "one" }],
  ["a key by address", { jku: "https://evil.test/keys" }],
];

test.each(headers)("a proof with %s in its header is refused", async (_, header) => {
  expect(await judge(idToken(), proof({ header }))).toBe("proof.header");
});

test("alg none, a private key in the header, and text that is no JWS are refused", async () => {
  const { kty, crv, x, y, d } = await exportJWK(browser.privateKey);
  expect(await judge(idToken(), proof({ header: { jwk: { kty, crv, x, y, d } } }))).toBe("proof.header");
  const head = base64url.encode(
    JSON.stringify({ alg: "none", typ: "roletrail-proof+jwt", jwk: { kty, crv, x, y }, n }),
  );
  expect(await judge(idToken(), `${head}.${base64url.encode("{}")}.`)).toBe("proof.header");
  expect(await judge(idToken(), "no proof")).toBe("proof.header");
});

test("a changed payload, and a signature by another key, are refused", async () => {
  const [head, , signature] = (await proof()).split(".");
  const payload = base64url.encode(
    JSON.stringify({ jti: "x".repeat(22), iat: seconds, deed: "mint", req: digest(request) }),
  );
  expect(await judge(idToken(), `${head}.${payload}.${signature}`)).toBe("proof.signature");
  expect(await judge(idToken(), proof({ key: otherBrowser.privateKey }))).toBe("proof.signature");
  expect(await judge(idToken(), proof({ payload: { more: 1 } }))).toBe("proof.signature");
});

test("a proof older, or younger, than a minute is refused", async () => {
  expect(await judge(idToken(), proof({ payload: { iat: seconds - 61 } }))).toBe("proof.stale");
  expect(await judge(idToken(), proof({ payload: { iat: seconds + 61 } }))).toBe("proof.stale");
});

test("the first thing wrong is what is said: token before header before nonce before signature before request", async () => {
  const bad = { header: { typ: "JWT" }, payload: { iat: 0, deed: "x" } };
  expect(await judge(idToken({ aud: "other", azp: "other" }), proof(bad), "x")).toBe("proof.token");
  expect(await judge(idToken({ azp: "other" }), proof(bad), "x")).toBe("proof.azp");
  expect(await judge(idToken({ nonce: "other" }), proof(bad), "x")).toBe("proof.header");
  expect(
    await judge(idToken({ nonce: "other" }), proof({ payload: { iat: 0 }, key: otherBrowser.privateKey }), "x"),
  ).toBe("proof.nonce");
  expect(await judge(idToken(), proof({ payload: { iat: 0 }, key: otherBrowser.privateKey }), "x")).toBe(
    "proof.signature",
  );
  expect(await judge(idToken(), proof({ payload: { iat: 0 } }), "x")).toBe("proof.request");
  expect(await judge(idToken(), proof({ payload: { iat: 0 } }))).toBe("proof.stale");
});

test("a person is known by issuer and claim: another claim, another issuer, another key make another id", () => {
  const claims = { sub: "u-1", oid: "o-1", iat: seconds, exp: seconds, auth_time: seconds, nonce: "n", groups: [] };
  const id = (change: Partial<SigninIssuer>, key = court.personKey): string =>
    personOf({ ...issuer, ...change }, claims, key, "browser").id;
  const ids = [id({}), id({ claim: "oid" }), id({ issuer: "https://b.test" }), id({}, new Uint8Array(32))];
  expect(new Set(ids).size).toBe(4);
  expect(() => id({ claim: "uid" })).toThrow(Refusal);
});

test("e-mail is not read: an administrator's address, verified or not, changes nothing of a person", () => {
  const claims = { sub: "u-9", iat: seconds, exp: seconds, auth_time: seconds, nonce: "n", groups: [] };
  const mail = { email: "ilse.brandt@northwharf.example", email_verified: false };
  expect(personOf(issuer, { ...claims, ...mail }, court.personKey, "browser")).toEqual(
    personOf(issuer, claims, court.personKey, "browser"),
  );
});

test("a name is text for display: control and direction characters go, length ends at 120, none is the id", () => {
  const claims = { sub: "u-9", iat: seconds, exp: seconds, auth_time: seconds, nonce: "n", groups: [] };
  const name = (value: unknown): string =>
    personOf(issuer, { ...claims, name: value }, court.personKey, "browser").name;
  expect(name("Ma\u202Era\u0000  O.\n")).toBe("Mara O.");
  expect(name("x".repeat(500))).toHaveLength(120);
  expect(name(undefined)).toMatch(/^p_/);
  expect(name({ toString: "x" })).toMatch(/^p_/);
});

test("groups: a list is complete, an empty list too; a string is one group; anything else is missing, never empty", () => {
  expect(groupsOf({ groups: ["a", "a", "b"] }, "groups")).toEqual({ groups: ["a", "b"], state: "complete" });
  expect(groupsOf({ groups: [] }, "groups")).toEqual({ groups: [], state: "complete" });
  expect(groupsOf({ groups: "a" }, "groups")).toEqual({ groups: ["a"], state: "complete" });
  for (const groups of [undefined, null, "", 1, {}, [1], ["a", null]])
    expect(groupsOf({ groups }, "groups").state).toBe("missing");
  expect(groupsOf({ groups: ["a"], hasgroups: "true" }, "groups").state).toBe("overage");
  expect(groupsOf({ roles: ["a"], _claim_names: { groups: "s" } }, "roles").state).toBe("complete");
});

test("groups given only as ids where the access file knows names are noticed, where it knows ids they are not", () => {
  const ids = ["6d1b1f2e-8a3c-4b59-9c0b-0a2f6f1b7c11"];
  expect(groupsAreOnlyIds(ids, ["data"])).toBe(true);
  expect(groupsAreOnlyIds(ids, ["data", "00000000-0000-4000-8000-000000000000"])).toBe(false);
  expect(groupsAreOnlyIds([...ids, "data"], ["data"])).toBe(false);
  expect(groupsAreOnlyIds([], ["data"])).toBe(false);
  expect(groupsAreOnlyIds(ids, [])).toBe(false);
});
