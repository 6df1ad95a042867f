import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { exportJWK, generateKeyPair } from "jose";
import type { JWKS } from "oidc-provider";

/** The provider's signing key and cookie keys, made once. */
export async function readKeys(file: string): Promise<{ jwks: JWKS; cookies: string[] }> {
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const kid = randomBytes(8).toString("base64url");
  const made = {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kty: "RSA" as const, kid, use: "sig", alg: "RS256" }] },
    cookies: [randomBytes(32).toString("base64url")],
  };
  writeFileSync(`${file}.new`, JSON.stringify(made), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return made;
}
