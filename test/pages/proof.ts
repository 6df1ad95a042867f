import type { Page } from "@playwright/test";

/** A proof made by the page's own key, in the page, by this test's own hand. */
export async function proofIn(
  page: Page,
  deed: string,
  body: unknown,
  change: Record<string, unknown> = {},
): Promise<string> {
  return page.evaluate(
    async ([deedName, canonical, changed]) => {
      const bond = await (await fetch("/session/bond")).json();
      const pair = await new Promise<CryptoKeyPair>((resolve) => {
        indexedDB.open("roletrail-sandbox").onsuccess = (event) => {
          const asked = (event.target as IDBOpenDBRequest).result.transaction("keys").objectStore("keys").get("key");
          asked.onsuccess = () => resolve(asked.result);
        };
      });
      const b64 = (bytes: Uint8Array): string =>
        btoa(String.fromCharCode(...bytes))
          .replaceAll("+", "-")
          .replaceAll("/", "_")
          .replaceAll("=", "");
      const text = (value: unknown): string => b64(new TextEncoder().encode(JSON.stringify(value)));
      const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
      const header = { alg: "ES256", typ: "roletrail-proof+jwt", jwk: { kty, crv, x, y }, n: bond.n };
      const req = b64(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(canonical))));
      const jti = b64(crypto.getRandomValues(new Uint8Array(16)));
      const payload = { jti, iat: Math.floor(Date.now() / 1000), deed: deedName, req, ...changed };
      const signed = `${text(header)}.${text(payload)}`;
      const algorithm = { name: "ECDSA", hash: "SHA-256" };
      const signature = await crypto.subtle.sign(algorithm, pair.privateKey, new TextEncoder().encode(signed));
      return `${signed}.${b64(new Uint8Array(signature))}`;
    },
    [deed, JSON.stringify(body), change] as const,
  );
}
