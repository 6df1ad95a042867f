import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openIssuer } from "#/core/mint/issuer.ts";
import { type Fetching, openPublication } from "#/core/mint/published.ts";
import { Refusal } from "#/core/refusal.ts";
import { mint } from "#/functions/mint.ts";
import { read } from "#/functions/read.ts";
import { type Northwharf, openNorthwharf, type SignedIn } from "../../functions/northwharf.ts";

const folder = mkdtempSync(path.join(tmpdir(), "roletrail-published-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The issuer's host as the world sees it: https by a CA of this test's own; what it serves is `served`. */
let served: (where: string) => string | null;
let asked: string[] = [];
let host: https.Server;
let ca: Buffer;
beforeAll(async () => {
  const [key, cert] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
  const name = ["-subj", "/CN=issuer.roletrail.test", "-addext", "subjectAltName=DNS:issuer.roletrail.test"];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  execFileSync("openssl", ["req", "-x509", ...curve, "-keyout", key, "-out", cert, ...name], { stdio: "ignore" });
  ca = readFileSync(cert);
  host = https.createServer({ key: readFileSync(key), cert: ca }, (request, response) => {
    asked.push(request.url ?? "");
    const text = served(request.url ?? "");
    response.writeHead(text === null ? 404 : 200, { "content-type": "application/json" }).end(text ?? "{}");
  });
  await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
});
afterAll(() => void host.close());
beforeEach(() => {
  asked = [];
  served = () => null;
});

/** TLS, certificate and name are checked as ever; only where the name leads is this test's. */
const throughTls: Fetching = (address) =>
  new Promise((resolve, reject) => {
    const url = new URL(address);
    const { port } = host.address() as AddressInfo;
    const to = { host: "127.0.0.1", port, servername: url.hostname, ca, path: url.pathname, agent: false };
    const request = https.get({ ...to, headers: { host: url.host } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(new Response(Buffer.concat(chunks), { status: response.statusCode ?? 500 })));
    });
    request.on("error", reject);
  });

const url = "https://issuer.roletrail.test";
const fileOf = (issuerFolder: string) => (where: string) => {
  const files = new Map([
    ["/.well-known/openid-configuration", ".well-known/openid-configuration"],
    ["/jwks.json", "jwks.json"],
  ]);
  const file = files.get(where);
  return file === undefined ? null : readFileSync(path.join(issuerFolder, file), "utf8");
};

describe("whether AWS could check our tokens", () => {
  let now = new Date("2026-11-21T09:00:00Z");
  const open = async (at = url, name = "one") => {
    const publishing = path.join(folder, `${name}-public`);
    const issuer = await openIssuer(at, {
      file: path.join(folder, `${name}.json`),
      folder: publishing,
      now: () => now,
    });
    const publication = openPublication(async () => issuer, { now: () => now, folder: publishing, fetch: throughTls });
    const why = async (): Promise<string | null> => (await publication.refusal())?.message ?? null;
    return { issuer, publishing, publication, why };
  };

  test("it could when its host serves the very files, and the host is then left alone for an hour", async () => {
    const { publishing, why } = await open();
    served = fileOf(publishing);
    expect(await Promise.all([why(), why()])).toEqual([null, null]);
    now = new Date(now.getTime() + 3_500_000);
    expect(await why()).toBeNull();
    expect(asked).toEqual(["/.well-known/openid-configuration", "/jwks.json"]);
    now = new Date(now.getTime() + 200_000);
    served = () => null;
    expect(await why()).toContain("does not answer with a discovery document");
  });

  test("a host that serves nothing is refused with what to publish and where, and asked again soon", async () => {
    const { publishing, publication, why } = await open();
    const refusal = await publication.refusal();
    expect(refusal).toMatchObject({ code: "issuer.unpublished" });
    expect(refusal?.message).toBe(
      `AWS could not check Roletrail's token for this role: ${url}/.well-known/openid-configuration does not answer with a discovery document.`,
    );
    expect(refusal?.help).toBe(
      `Whoever runs Roletrail publishes the files of ${publishing} at ${url} (docs/issuer.md). Roles of the road assume-role go on meanwhile.`,
    );
    served = fileOf(publishing);
    now = new Date(now.getTime() + 11_000);
    expect(await why()).toBeNull();
  });

  test.each([
    [
      "another issuer's document",
      { discovery: { issuer: "https://evil.example" } },
      "says its issuer is https://evil.example",
    ],
    [
      "a key set by plain http",
      { discovery: { jwks_uri: "http://issuer.roletrail.test/jwks.json" } },
      "is not at an https address",
    ],
    ["a key set without our key", { keys: [] }, "does not hold the key that signs now"],
    ["another key under our key's name", { forged: true }, "does not hold the key that signs now"],
  ])(
    "%s does not count",
    async (_what, change: { discovery?: object; keys?: object[]; forged?: boolean }, sentence) => {
      const { issuer, publishing, why } = await open();
      const other = await open(url, "other");
      served = (where) => {
        const own = JSON.parse(fileOf(publishing)(where) ?? "{}");
        if (where !== "/jwks.json") return JSON.stringify({ ...own, ...change.discovery });
        const forged = JSON.parse(fileOf(other.publishing)("/jwks.json") ?? "{}").keys;
        const keys = change.forged === true ? forged.map((key: object) => ({ ...key, kid: issuer.kid() })) : own.keys;
        return JSON.stringify({ keys: change.keys ?? keys });
      };
      expect(await why()).toContain(sentence);
    },
  );

  test("a certificate nobody vouches for, an issuer with a port, and one of plain http do not count", async () => {
    const { issuer, publishing } = await open();
    served = fileOf(publishing);
    const strict: Fetching = (address) => throughTls(address.replace("issuer.roletrail.test", "issuer.other.test"), {});
    const publication = openPublication(async () => issuer, { now: () => now, folder: publishing, fetch: strict });
    expect((await publication.refusal())?.message).toContain("does not answer");
    for (const wrong of ["https://issuer.roletrail.test:8443", "http://issuer.roletrail.test"])
      expect(await (await open(wrong, "wrong")).why()).toContain("is not https without a port");
  });

  test("a key that was not published yet is noticed at once after a rotation", async () => {
    const { issuer, publishing, why } = await open(url, "rotating");
    const before = new Map(
      ["/.well-known/openid-configuration", "/jwks.json"].map((at) => [at, fileOf(publishing)(at)]),
    );
    served = (where) => before.get(where) ?? null;
    expect(await why()).toBeNull();
    const day = 86_400_000;
    for (const days of [89.5, 1.5]) {
      now = new Date(now.getTime() + days * day);
      await issuer.rotate(now);
    }
    expect(await why()).toContain("does not hold the key that signs now");
    served = fileOf(publishing);
    now = new Date(now.getTime() + 11_000);
    expect(await why()).toBeNull();
  });
});

describe("with --aws, over an account whose STS enforces", () => {
  const readOnly = "arn:aws:iam::111122223333:role/DataAnalyst";
  const chained = "arn:aws:iam::444455556666:role/PartnerSync";
  let it: Northwharf;
  let mara: SignedIn;
  beforeAll(async () => {
    it = await openNorthwharf({ world: "aws-111122223333", fetching: throughTls });
    mara = await it.signIn("Mara Oyelaran");
  });
  afterAll(() => it.close());
  const minted = async (role: string) => {
    const request = { role, seconds: 900, reason: "x" };
    return mint(it.world, await mara.deed("mint", request), request);
  };
  const roleOf = (road: string): string => {
    const groups = new Set(mara.person.groups);
    const mine = it.world.access().grants.filter((grant) => grant.groups.some((group) => groups.has(group)));
    const found = it.world
      .access()
      .roles.find((role) => role.road === road && mine.some(({ roles }) => roles.includes(role.arn)));
    return found?.arn ?? (road === "web-identity" ? readOnly : chained);
  };

  test("a role of web-identity is refused until the issuer is published, in the ledger and before the click", async () => {
    const role = roleOf("web-identity");
    await expect(minted(role)).rejects.toBeInstanceOf(Refusal);
    const last = (await it.ledger()).findLast(({ kind }) => kind === "refused");
    expect(last?.body).toMatchObject({ code: "issuer.unpublished", role });
    const [, , , , account, name] = /^(arn):(aws):(iam)::(\d+):role\/(.+)$/.exec(role) ?? [];
    const view = await read(
      it.world,
      { ticket: mara.ticket },
      { view: "role", params: { account: account ?? "", name: name ?? "" } },
    );
    expect(JSON.stringify(view)).toContain("AWS could not check Roletrail's token");
  });

  test("meanwhile assume-role mints, and the credentials are the role's", async () => {
    const role = roleOf("assume-role");
    const { credentials, mint_id } = await minted(role);
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = credentials;
    const sts = new STSClient({
      endpoint: it.aws.url,
      region: "eu-central-1",
      credentials: { accessKeyId, secretAccessKey, sessionToken },
    });
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
    expect(Arn).toContain(`:assumed-role/${role.slice(role.lastIndexOf("/") + 1)}/`);
    const kinds = (await it.ledger())
      .filter(({ body }) => "mint_id" in body && body.mint_id === mint_id)
      .map(({ kind }) => kind);
    expect(kinds).toEqual(["mint.intended", "mint.handed-over"]);
  });

  test("once its host serves the files, web-identity mints too", async () => {
    served = fileOf(it.world.places.issuer);
    // A bad answer is kept for ten seconds; a new process asks at once.
    const again = await openNorthwharf({ world: "aws-111122223333", fetching: throughTls });
    try {
      served = fileOf(again.world.places.issuer);
      const person = await again.signIn("Mara Oyelaran");
      const request = { role: roleOf("web-identity"), seconds: 900, reason: "x" };
      expect((await mint(again.world, await person.deed("mint", request), request)).role).toBe(request.role);
    } finally {
      await again.close();
    }
  });
});
