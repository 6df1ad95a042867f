import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { AccessFile } from "#/core/access.ts";
import { type Places, placesOf, settings } from "#/core/config.ts";
import { openLedger } from "#/core/ledger.ts";
import { digest, nonceOf } from "#/core/proof.ts";
import { Refusal } from "#/core/refusal.ts";
import type { Store } from "#/core/store/index.ts";
import { openLibsqlStore } from "#/core/store/libsql.ts";
import type { Ticket } from "#/core/wire.ts";
import { accessByLink, newLink } from "#/functions/link.ts";
import { openSigninDoor } from "#/functions/provider.ts";
import { openReader, vault, verifyDeed } from "#/functions/vault.ts";
import type { World } from "#/functions/world.ts";

const folder = mkdtempSync(path.join(tmpdir(), "roletrail-vault-"));
const start = Date.parse("2026-11-21T09:30:00Z");
const n = "n".repeat(43);
const request = { role: "arn:aws:iam::111122223333:role/ReadOnly", seconds: 3600 };
const issuerUrl = "https://signin.example.test";

let clock = start;
let signer: { privateKey: CryptoKey; publicKey: CryptoKey };
let rotated: { privateKey: CryptoKey; publicKey: CryptoKey };
let browser: { privateKey: CryptoKey; publicKey: CryptoKey };
let jkt = "";
let keys: object[] = [];
let fetches = 0;
let providerServer: http.Server;
let discovery = "";
let store: Store;
let world: World;
let worlds = 0;

beforeAll(async () => {
  signer = await generateKeyPair("RS256", { extractable: true });
  rotated = await generateKeyPair("ES256", { extractable: true });
  browser = await generateKeyPair("ES256", { extractable: true });
  jkt = await calculateJwkThumbprint(await exportJWK(browser.publicKey));
  keys = [{ ...(await exportJWK(signer.publicKey)), kid: "one", alg: "RS256" }];
  providerServer = http.createServer((asked, answer) => {
    const { port } = providerServer.address() as { port: number };
    fetches += 1;
    const body = asked.url === "/keys" ? { keys } : { issuer: issuerUrl, jwks_uri: `http://127.0.0.1:${port}/keys` };
    answer.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => providerServer.listen(0, "127.0.0.1", resolve));
  discovery = `http://127.0.0.1:${(providerServer.address() as { port: number }).port}/.well-known/openid-configuration`;
});

afterAll(async () => {
  await new Promise((resolve) => providerServer.close(resolve));
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  clock = start;
  world = newWorld({});
});

const access = (): AccessFile =>
  AccessFile.parse({
    version: 1,
    issuers: [{ issuer: issuerUrl, client_id: "roletrail" }],
    accounts: [],
    roles: [],
    grants: [{ name: "data reads", groups: ["data"], roles: ["arn:aws:iam::111122223333:role/ReadOnly"] }],
    powers: [],
  });

function newWorld(change: Record<string, string>, file: () => AccessFile = access): World {
  worlds += 1;
  const given = settings.parse({
    ROLETRAIL_HOME: path.join(folder, String(worlds)),
    ROLETRAIL_OIDC_DISCOVERY: discovery,
    ...change,
  });
  const places: Places = placesOf(given);
  const now = (): Date => new Date(clock);
  store = openLibsqlStore(path.join(folder, `${worlds}.db`), { now: () => clock });
  const ledger = openLedger(store, "vault-1", now);
  return {
    settings: given,
    places,
    now,
    access: file,
    store,
    ledger: () => ledger,
    key: () => new Uint8Array(32).fill(5),
    signin: openSigninDoor(given, file),
  } as unknown as World;
}

async function idToken(change: JWTPayload = {}, key = signer.privateKey, header = { alg: "RS256", kid: "one" }) {
  const at = clock / 1000;
  const claims = {
    iss: issuerUrl,
    aud: "roletrail",
    sub: "u-1",
    name: "Mara",
    groups: ["data"],
    iat: at,
    exp: at + 600,
  };
  return new SignJWT({ ...claims, auth_time: at, nonce: nonceOf(jkt, n), ...change })
    .setProtectedHeader(header)
    .sign(key);
}

async function proof(change: Record<string, unknown> = {}): Promise<string> {
  const { kty, crv, x, y } = await exportJWK(browser.publicKey);
  const jti = `jti-${Math.random()}`.padEnd(24, "x").replaceAll(".", "_");
  return new SignJWT({ jti, iat: Math.floor(clock / 1000), deed: "mint", req: digest(request), ...change })
    .setProtectedHeader({ alg: "ES256", typ: "roletrail-proof+jwt", jwk: { kty, crv, x, y }, n } as never)
    .sign(browser.privateKey);
}

interface PutTerms {
  token?: string;
  ticket?: Ticket;
  renews?: string;
  link?: Ticket;
}

async function put({ token, ticket, renews, link }: PutTerms = {}) {
  const caller = ticket === undefined ? {} : { ticket };
  const id_token = token ?? (await idToken());
  const input = {
    action: "put",
    id_token,
    jkt,
    n,
    renews: renews ?? null,
    ...(link === undefined ? {} : { link }),
  } as const;
  const { session } = await vault(world, caller, input);
  if (session?.ticket === undefined) throw new Error("no ticket");
  return { ...session, ticket: session.ticket };
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

const kinds = async (): Promise<unknown[]> =>
  (await store.list("ledger#vault-1")).map(({ value }) => (value as { kind: string }).kind);

test("who signed in reads, with the ticket alone, and never sees the token again", async () => {
  const token = await idToken();
  const session = await put({ token });
  expect(await openReader(world, session.ticket)).toMatchObject({ name: "Mara", groups: ["data"], claim: "u-1" });
  const answer = await vault(world, { ticket: session.ticket }, { action: "alive" });
  expect(JSON.stringify([session, answer])).not.toContain(token.slice(0, 40));
});

test("a deed needs ticket and proof of this very request", async () => {
  const { ticket } = await put();
  const person = await verifyDeed(world, { ticket, proof: await proof() }, "mint", request);
  expect(person.id).toBe((await openReader(world, ticket)).id);
  expect(await codeOf(verifyDeed(world, { ticket }, "mint", request))).toBe("proof.missing");
  expect(await codeOf(verifyDeed(world, { proof: await proof() }, "mint", request))).toBe("signin.required");
  expect(await codeOf(verifyDeed(world, { ticket, proof: await proof() }, "revoke", request))).toBe("proof.request");
  const again = await proof();
  await verifyDeed(world, { ticket, proof: again }, "mint", request);
  expect(await codeOf(verifyDeed(world, { ticket, proof: again }, "mint", request))).toBe("proof.spent");
});

test("the store's file alone opens nothing: it holds neither key nor token", async () => {
  const token = await idToken();
  const { ticket } = await put({ token });
  const row = JSON.stringify(await store.get("vault", ticket.sid));
  expect(row).not.toContain(ticket.key);
  expect(row).not.toContain(token.split(".")[1]);
});

test("another key, an unknown id and a row moved under another id open nothing", async () => {
  const { ticket } = await put();
  const other = await put({ token: await idToken({ sub: "u-2" }) });
  expect(await codeOf(openReader(world, { sid: ticket.sid, key: other.ticket.key }))).toBe("signin.expired");
  expect(await codeOf(openReader(world, { ...ticket, sid: "x".repeat(24) }))).toBe("signin.expired");
  expect(await codeOf(openReader(world, undefined))).toBe("signin.required");
  const row = await store.get("vault", ticket.sid);
  await store.put({ partition: "vault", sort: other.ticket.sid, value: row?.value }, { any: true });
  expect(await codeOf(openReader(world, { sid: other.ticket.sid, key: ticket.key }))).toBe("signin.expired");
});

test("put verifies: a stranger's token, another nonce, no groups, too many groups, ids for names are refused", async () => {
  const stranger = await generateKeyPair("RS256");
  const refused = async (token: string): Promise<string> => codeOf(put({ token }));
  expect(await refused(await idToken({}, stranger.privateKey))).toBe("proof.token");
  expect(await refused(await idToken({ nonce: "other" }))).toBe("proof.nonce");
  expect(await refused(await idToken({ exp: clock / 1000 - 61 }))).toBe("proof.stale");
  expect(await refused(await idToken({ groups: undefined }))).toBe("groups.missing");
  expect(await refused(await idToken({ groups: undefined, _claim_names: { groups: "s" } }))).toBe("groups.overage");
  const ids = ["2b9d7a1e-54f0-4f0e-9a51-6c1f0d7b3a90"];
  expect(await refused(await idToken({ groups: ids }))).toBe("groups.ids");
  world = newWorld({}, () => ({ ...access(), powers: [{ groups: ids, people: [], may: ["see-own"], accounts: "*" }] }));
  expect(await refused(await idToken({ groups: ids }))).toBe("accepted");
});

test("an administrator's e-mail, unverified, gives its bearer nothing but a sentence", async () => {
  const plain = await put();
  const borrowed = await put({ token: await idToken({ email: "admin@example.test", email_verified: false }) });
  expect(borrowed.person).toEqual(plain.person);
  expect(plain.notices).toEqual([]);
  expect(borrowed.notices.join()).toMatch(/not verified.*no rights/);
});

test("a renewal keeps the session, makes a new key, and the old cookie is dead at once", async () => {
  const first = await put();
  clock += 300_000;
  const second = await put({
    ticket: first.ticket,
    renews: first.person.id,
    token: await idToken({ auth_time: start / 1000 }),
  });
  expect(second.ticket.sid).toBe(first.ticket.sid);
  expect(second.ticket.key).not.toBe(first.ticket.key);
  expect(await codeOf(openReader(world, first.ticket))).toBe("signin.expired");
  expect(await codeOf(openReader(world, second.ticket))).toBe("accepted");
  expect(second.ends_at).toBe(first.ends_at);
});

test("two tabs renewing at once both come out signed in, the last one's cookie is good", async () => {
  const first = await put();
  await put({ ticket: first.ticket, renews: first.person.id });
  const late = await put({ ticket: first.ticket, renews: first.person.id });
  expect(await codeOf(openReader(world, late.ticket))).toBe("accepted");
});

test("a renewal by another person is refused, and the session stays the first one's", async () => {
  const { ticket, person } = await put();
  const token = await idToken({ sub: "u-2" });
  expect(await codeOf(put({ ticket, renews: person.id, token }))).toBe("signin.other-person");
  const lost = { ...ticket, sid: "lost-by-the-store-it-was-in" };
  expect(await codeOf(put({ ticket: lost, renews: person.id, token }))).toBe("signin.other-person");
  expect((await openReader(world, ticket)).claim).toBe("u-1");
});

test("a new sign-in in the same browser ends the old session", async () => {
  const first = await put();
  const second = await put({ ticket: first.ticket, token: await idToken({ sub: "u-2" }) });
  expect(second.ticket.sid).not.toBe(first.ticket.sid);
  expect(await codeOf(openReader(world, first.ticket))).toBe("signin.expired");
});

test("after sign-out a stolen cookie reads nothing, does nothing, and is not revived by a renewal under way", async () => {
  const { ticket, person } = await put();
  await vault(world, { ticket }, { action: "delete" });
  expect(await codeOf(openReader(world, ticket))).toBe("signin.expired");
  expect(await codeOf(verifyDeed(world, { ticket, proof: await proof() }, "mint", request))).toBe("signin.expired");
  expect(await codeOf(put({ ticket, renews: person.id }))).toBe("signin.expired");
});

test("reading outlives the token, deeds do not; both end eight hours after the sign-in", async () => {
  const { ticket } = await put();
  clock = start + 700_000;
  expect(await codeOf(openReader(world, ticket))).toBe("accepted");
  expect(await codeOf(verifyDeed(world, { ticket, proof: await proof() }, "mint", request))).toBe("proof.stale");
  clock = start + 8 * 3_600_000 - 1;
  expect(await codeOf(openReader(world, ticket))).toBe("accepted");
  clock += 1;
  expect(await codeOf(openReader(world, ticket))).toBe("signin.expired");
});

test("a page renews five minutes before the token's end, or at half the life of a short one", async () => {
  const at = start / 1000;
  expect((await put()).renew_at).toBe("2026-11-21T09:35:00Z");
  expect((await put({ token: await idToken({ exp: at + 300 }) })).renew_at).toBe("2026-11-21T09:32:30Z");
  // Ten hours of life count as one: functions take no older token.
  expect((await put({ token: await idToken({ exp: at + 36_000 }) })).renew_at).toBe("2026-11-21T10:25:00Z");
});

test("the ledger knows each sign-in, each sign-out, and a person's key the first time it is seen", async () => {
  const first = await put();
  await put({ ticket: first.ticket, renews: first.person.id });
  await vault(world, { ticket: first.ticket }, { action: "delete" });
  await put();
  expect(await kinds()).toEqual(["key.new", "signed-in", "signed-out", "signed-in"]);
});

test("the provider's new key is fetched when a token names it, the old one's tokens go stale, not wrong", async () => {
  const before = keys;
  const { ticket } = await put();
  keys = [{ ...(await exportJWK(rotated.publicKey)), kid: "two", alg: "ES256" }];
  world = { ...world, signin: openSigninDoor(world.settings, access) };
  const token = await idToken({}, rotated.privateKey, { alg: "ES256", kid: "two" });
  expect(await codeOf(put({ token }))).toBe("accepted");
  expect(await codeOf(verifyDeed(world, { ticket, proof: await proof() }, "mint", request))).toBe("proof.stale");
  keys = before;
});

test("keys are fetched once for many deeds", async () => {
  const { ticket } = await put();
  const before = fetches;
  for (let deed = 0; deed < 5; deed += 1) await verifyDeed(world, { ticket, proof: await proof() }, "mint", request);
  expect(fetches).toBe(before);
});

test("a provider that is down, or speaks for another issuer, is named; it is asked again the next time", async () => {
  world = newWorld({ ROLETRAIL_OIDC_DISCOVERY: "http://127.0.0.1:1/x" });
  const token = await idToken();
  expect(await codeOf(put({ token }))).toBe("signin.provider");
  world = newWorld({}, () => ({
    ...access(),
    issuers: access().issuers.map((each) => ({ ...each, issuer: "https://other.test" })),
  }));
  expect(await codeOf(put({ token }))).toBe("signin.provider");
});

test("the one-time link opens logs without an access file once, and its bearer sees everything but mints nothing", async () => {
  world = newWorld({ ROLETRAIL_WORLD: "trail-0123456789ab" }, () => accessByLink(new Uint8Array(32).fill(5)));
  const code = (await newLink(world)).split("#")[1] ?? "";
  expect(JSON.stringify(await store.list("link-code"))).not.toContain(code);
  const { link } = await vault(world, {}, { action: "open-link", code });
  expect(link?.enough).toBe(true);
  const person = await openReader(world, link?.ticket);
  expect(world.access().powers[0]).toMatchObject({ people: [person.id], accounts: "*" });
  expect(world.access().powers[0]?.may).not.toContain("revoke");
  expect(await codeOf(vault(world, {}, { action: "open-link", code }))).toBe("signin.failed");
  const deed = verifyDeed(world, { ...(link && { ticket: link.ticket }), proof: await proof() }, "mint", request);
  expect(await codeOf(deed)).toBe("signin.required");
  await vault(world, { ...(link && { ticket: link.ticket }) }, { action: "delete" });
  expect(await codeOf(openReader(world, link?.ticket))).toBe("signin.expired");
});

test("a link's code that is older than ten minutes, or was never printed, is refused; of two at once one wins", async () => {
  world = newWorld({ ROLETRAIL_WORLD: "trail-0123456789ab" }, () => accessByLink(new Uint8Array(32).fill(5)));
  const codeFrom = async (): Promise<string> => (await newLink(world)).split("#")[1] ?? "";
  const swap = (code: string): Promise<unknown> => vault(world, {}, { action: "open-link", code });
  expect(await codeOf(swap("made-up"))).toBe("signin.failed");
  const old = await codeFrom();
  clock += 600_001;
  expect(await codeOf(swap(old))).toBe("signin.failed");
  const code = await codeFrom();
  const both = await Promise.all([codeOf(swap(code)), codeOf(swap(code))]);
  expect(both.sort()).toEqual(["accepted", "signin.failed"]);
});

test("in a real account's world the link comes first and the company's sign-in after it", async () => {
  world = newWorld({ ROLETRAIL_WORLD: "aws-111122223333" });
  expect(await codeOf(put())).toBe("signin.required");
  const code = (await newLink(world)).split("#")[1] ?? "";
  const { link } = await vault(world, {}, { action: "open-link", code });
  expect(link?.enough).toBe(false);
  expect(await codeOf(openReader(world, link?.ticket))).toBe("signin.expired");
  if (link === undefined) throw new Error("no link");
  const { ticket } = await put({ link: link.ticket });
  expect((await openReader(world, ticket)).claim).toBe("u-1");
});
