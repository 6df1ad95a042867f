import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openIssuer } from "#/core/mint/issuer.ts";

const url = "https://issuer.roletrail.test";
const start = new Date("2026-11-21T00:00:00Z");
const day = 86_400_000;
const after = (days: number): Date => new Date(start.getTime() + days * day);
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "issuer-"));
});
afterEach(() => rmSync(folder, { recursive: true }));
const open = () =>
  openIssuer(url, {
    file: path.join(folder, "secrets/issuer.json"),
    folder: path.join(folder, "issuer"),
    now: () => start,
  });
const published = () => JSON.parse(readFileSync(path.join(folder, "issuer/jwks.json"), "utf8"));
const verifies = (token: string) =>
  jwtVerify(token, createLocalJWKSet(published()), { issuer: url, algorithms: ["ES256"], currentDate: start }).then(
    () => true,
    () => false,
  );

test("discovery and key set are published for AWS to read; the private half is in no public file", async () => {
  await open();
  const discovery = JSON.parse(readFileSync(path.join(folder, "issuer/.well-known/openid-configuration"), "utf8"));
  expect(discovery).toMatchObject({
    issuer: url,
    jwks_uri: `${url}/jwks.json`,
    id_token_signing_alg_values_supported: ["ES256"],
  });
  expect(Object.keys(published().keys[0]).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x", "y"]);
  expect(statSync(path.join(folder, "secrets/issuer.json")).mode & 0o777).toBe(0o600);
});

test("the key outlives the process: what was signed before a restart still verifies after it", async () => {
  const token = await (await open()).sign({ aud: "sts.amazonaws.com" });
  await open();
  expect(await verifies(token)).toBe(true);
});

test("rotation overlaps: a new key is published a day before it signs, the old one a day after", async () => {
  const issuer = await open();
  const old = await issuer.sign({ aud: "sts.amazonaws.com" });
  const kid = decodeProtectedHeader(old).kid;
  expect(await issuer.rotate(after(88))).toBeNull();
  expect(published().keys).toHaveLength(1);
  expect(await issuer.rotate(after(89))).toBeNull();
  expect(published().keys).toHaveLength(2);
  expect(decodeProtectedHeader(await issuer.sign({})).kid).toBe(kid);
  expect(await issuer.rotate(after(89.9))).toBeNull();
  const rotated = await issuer.rotate(after(90));
  expect(rotated?.previous_kid).toBe(kid);
  const fresh = await issuer.sign({ aud: "sts.amazonaws.com" });
  expect(decodeProtectedHeader(fresh).kid).toBe(rotated?.kid);
  expect([await verifies(old), await verifies(fresh)]).toEqual([true, true]);
  await issuer.rotate(after(90.9));
  expect(await verifies(old)).toBe(true);
  await issuer.rotate(after(91));
  expect([await verifies(old), await verifies(fresh)]).toEqual([false, true]);
  expect(decodeProtectedHeader(await (await open()).sign({})).kid).toBe(rotated?.kid);
});
