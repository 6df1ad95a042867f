/** The browser's own signing key: made once, kept in IndexedDB, its private half never readable by any script. */
export interface BrowserKey {
  readonly privateKey: CryptoKey;
  readonly jwk: { readonly kty: "EC"; readonly crv: "P-256"; readonly x: string; readonly y: string };
  /** RFC 7638. */
  readonly thumbprint: string;
}

/** The key of this world, made when there is none. */
export async function browserKey(world: string): Promise<BrowserKey> {
  const kept = await stored(world);
  if (kept !== null) return describe(kept);
  const made = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  try {
    // `add`, not `put`: of two tabs at once the second must take the first one's key.
    await inStore(world, "readwrite", (store) => store.add(made, "key"));
  } catch {
    const first = await stored(world);
    if (first !== null) return describe(first);
    throw new Error("This browser keeps no data for this page; a private window may be the reason.");
  }
  return describe(made);
}

export async function storedKey(world: string): Promise<BrowserKey | null> {
  const kept = await stored(world);
  return kept === null ? null : describe(kept);
}

export async function forgetKey(world: string): Promise<void> {
  await inStore(world, "readwrite", (store) => store.delete("key"));
}

export const base64url = (bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

export const sha256 = async (text: string): Promise<string> =>
  base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));

async function describe({ privateKey, publicKey }: CryptoKeyPair): Promise<BrowserKey> {
  const { x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  if (x === undefined || y === undefined) throw new Error("This browser's key is not readable.");
  const jwk = { kty: "EC", crv: "P-256", x, y } as const;
  const thumbprint = await sha256(JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x, y }));
  return { privateKey, jwk, thumbprint };
}

async function stored(world: string): Promise<CryptoKeyPair | null> {
  const found: unknown = await inStore(world, "readonly", (store) => store.get("key"));
  return isPair(found) ? found : null;
}

const isPair = (given: unknown): given is CryptoKeyPair =>
  typeof given === "object" && given !== null && "privateKey" in given && "publicKey" in given;

async function inStore<Value>(
  world: string,
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<Value>,
): Promise<Value> {
  const database = await opened(world);
  try {
    return await done(act(database.transaction("keys", mode).objectStore("keys")));
  } finally {
    database.close();
  }
}

function opened(world: string): Promise<IDBDatabase> {
  const request = indexedDB.open(`roletrail-${world}`, 1);
  request.onupgradeneeded = () => request.result.createObjectStore("keys");
  return done(request);
}

function done<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
