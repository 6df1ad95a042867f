import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { KMSClient } from "@aws-sdk/client-kms";
import { compactVerify, createLocalJWKSet, jwtVerify } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Ledger, NewEntry } from "#/core/ledger.ts";
import { expectPublished } from "#/core/mint/issuer-canary.ts";
import { issuerDocuments, publishedKeyOf } from "#/core/mint/issuer-documents.ts";
import { joseSignature, keyInKms, openKmsIssuer } from "#/core/mint/issuer-kms.ts";
import { type AwsServices, startAwsServices } from "../../functions/aws-services.ts";
import { derInteger, signDigest } from "../../functions/p256.ts";

const url = "https://issuer.example.com";
const claims = { sub: "111122223333:DataAnalyst:p_x", aud: "sts.amazonaws.com", jti: "m_1", iat: 1, exp: 61 };

describe("a signature as KMS answers it becomes one as JOSE wants it", () => {
  const der = (r: bigint, s: bigint): Buffer => {
    const body = Buffer.concat([derInteger(r), derInteger(s)]);
    return Buffer.concat([Buffer.from([0x30, body.length]), body]);
  };

  test("each number has 32 bytes, however short or long DER wrote it", () => {
    const high = 2n ** 255n + 7n;
    for (const [r, s] of [
      [1n, 2n],
      [high, 1n],
      [1n, high],
      [127n, 128n],
      [2n ** 248n - 1n, 2n ** 240n],
      [high, high + 1n],
    ] as const) {
      const hex = [r, s].map((each) => each.toString(16).padStart(64, "0")).join("");
      expect(joseSignature(der(r, s)).toString("hex")).toBe(hex);
    }
  });

  test("as Node's own two forms of one signature agree, a thousand times", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    for (let n = 0; n < 1_000; n += 1) {
      const text = Buffer.from(String(n));
      const raw = joseSignature(sign("sha256", text, privateKey));
      expect(raw).toHaveLength(64);
      expect(verify("sha256", text, { key: publicKey, dsaEncoding: "ieee-p1363" }, raw)).toBe(true);
    }
  });

  test("what is no DER signature on P-256 is an error, whichever byte is wrong", () => {
    const good = der(5n, 2n ** 255n);
    const wrong = [
      Buffer.alloc(0),
      good.subarray(0, -1),
      Buffer.concat([good, Buffer.from([0])]),
      Buffer.from(good).fill(0x31, 0, 1),
      Buffer.from(good).fill(0x03, 2, 3),
      Buffer.from(good).fill(0x03, 5, 6),
      Buffer.from([0x30, 4, 0x02, 0, 0x02, 0]),
      Buffer.from([0x30, 6, 0x02, 1, 0x81, 0x02, 1, 1]),
      der(2n ** 256n, 1n),
      joseSignature(good),
    ];
    for (const bytes of wrong) expect(() => joseSignature(bytes), bytes.toString("hex")).toThrow(/signature/);
  });
});

describe("an issuer whose key is in KMS", () => {
  let services: AwsServices;
  let client: KMSClient;
  let entries: NewEntry[];
  let broken = false;
  const ledger: Ledger = {
    append: async (entry) => {
      if (broken) throw new Error("the store is down");
      entries.push(entry);
      return { ...entry, shard: "mint-1", seq: 1, at: "", previous: "", hash: "" };
    },
    appendAll: async () => undefined,
  };
  beforeEach(async () => {
    services = await startAwsServices({}, {});
    const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
    client = new KMSClient({ endpoint: services.url, region: "eu-central-1", credentials, maxAttempts: 1 });
    entries = [];
    broken = false;
  });
  afterEach(async () => {
    client.destroy();
    await services.close();
  });
  const open = () => openKmsIssuer(url, { key: services.keyArn, ledger, client });

  test("signs tokens that its published key set verifies, also far over what KMS takes as a message", async () => {
    const issuer = await open();
    const keys = createLocalJWKSet({ keys: [await keyInKms(services.keyArn, client)] });
    const tags = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`Tag${n}`, ["v".repeat(256)]]));
    const { payload, protectedHeader } = await jwtVerify(await issuer.sign({ ...claims, tags }), keys, {
      currentDate: new Date(2_000),
    });
    expect(payload).toMatchObject({ iss: url, sub: claims.sub, jti: "m_1" });
    expect(protectedHeader).toEqual({ alg: "ES256", kid: (await publishedKeyOf(services.publicKey)).kid, typ: "JWT" });
  });

  test("every signature is in the ledger, with the mint's id and KMS's own request id, before the token is out", async () => {
    const issuer = await open();
    await issuer.sign(claims);
    await issuer.sign({ ...claims, jti: "m_2" });
    const signs = services.calls.filter(({ name }) => name === "kms:Sign");
    const { kid } = await publishedKeyOf(services.publicKey);
    expect(entries).toEqual(
      signs.map(({ requestId }, n) => ({
        kind: "issuer.signed",
        body: { mint_id: `m_${n + 1}`, kid, request_id: requestId },
      })),
    );
    broken = true;
    await expect(issuer.sign(claims)).rejects.toMatchObject({ name: "NotSigned" });
    await expect(issuer.sign({ sub: "x" })).rejects.toMatchObject({ name: "NotSigned" });
  });

  test("a KMS that is down or refuses signs nothing, and its key id is no key of another kind", async () => {
    const issuer = await open();
    services.trouble = { name: "kms:Sign", status: 400, type: "AccessDeniedException" };
    await expect(issuer.sign(claims)).rejects.toMatchObject({ name: "NotSigned" });
    const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({ format: "der", type: "spki" });
    await expect(publishedKeyOf(p384)).rejects.toThrow(/P-256/);
  });

  test("the key's public half has the thumbprint as its id, and nothing private beside it", async () => {
    const key = await keyInKms(services.keyArn, client);
    const text = `{"crv":"P-256","kty":"EC","x":"${key.x}","y":"${key.y}"}`;
    expect(key.kid).toBe(createHash("sha256").update(text).digest("base64url"));
    expect(Object.keys(key).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x", "y"]);
  });

  test("the canary passes for exactly our keys, and names a missing, a foreign or a swapped one", async () => {
    const ours = await keyInKms(services.keyArn, client);
    const next = await publishedKeyOf(spki());
    const foreign = await publishedKeyOf(spki());
    const look = (keys: (typeof ours)[], change = {}) => {
      const published = issuerDocuments(url, keys);
      return expectPublished(url, [ours, next], async (asked) => {
        const document = published[asked.slice(url.length + 1)];
        return asked.endsWith("jwks.json") ? document : { ...document, ...change };
      });
    };
    await look([ours, next]);
    await expect(look([ours])).rejects.toThrow(next.kid);
    await expect(look([ours, next, foreign])).rejects.toThrow(`not ours: ${foreign.kid}`);
    await expect(look([{ ...foreign, kid: ours.kid }, next])).rejects.toThrow(/not ours/);
    await expect(look([ours, next], { jwks_uri: "https://evil.example/jwks.json" })).rejects.toThrow(/discovery/);
    await expect(look([ours, next], { issuer: "https://evil.example" })).rejects.toThrow(/discovery/);
  });
});

const spki = (): Buffer =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "der", type: "spki" });

test("the stand-in's signatures are good ones: Node and jose verify them", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  for (let n = 0; n < 5; n += 1) {
    const text = `${Buffer.from('{"alg":"ES256"}').toString("base64url")}.${Buffer.from(String(n)).toString("base64url")}`;
    const der = signDigest(privateKey, createHash("sha256").update(text).digest());
    expect(
      verify("sha256", Buffer.from(text), createPublicKey(publicKey.export({ format: "pem", type: "spki" })), der),
    ).toBe(true);
    await compactVerify(`${text}.${joseSignature(der).toString("base64url")}`, publicKey);
  }
});
