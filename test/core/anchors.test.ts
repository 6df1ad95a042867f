import { generateKeyPairSync, sign, verify } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AnchorKey, type AnchorPlace, anchorLedger, latestAnchor, lostSince, rootOf } from "#/core/anchors.ts";
import { headsOf, type Ledger, openLedger, readLedger } from "#/core/ledger.ts";
import { guardLedger, reconcile } from "#/core/reconcile.ts";
import type { Store } from "#/core/store/index.ts";
import { openLibsqlStore } from "#/core/store/libsql.ts";
import { type DynamoServer, startDynalite } from "./store/dynamo-servers.ts";
import { newTables, storeOn } from "./store/dynamo-tables.ts";

function newKey(): AnchorKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    sign: async (text) => sign("sha256", Buffer.from(text), privateKey).toString("base64url"),
    verify: async (text, signature) =>
      verify("sha256", Buffer.from(text), publicKey, Buffer.from(signature, "base64url")),
  };
}

/** Nothing that was put is ever another. */
function newPlace(): AnchorPlace & { readonly put_texts: string[] } {
  const texts: string[] = [];
  return {
    put_texts: texts,
    newest: async () => texts.at(-1) ?? null,
    put: async (_at, text) => void texts.push(text),
  };
}

const note = (ledger: Ledger, person_id: string) => ledger.append({ kind: "signed-out", body: { person_id } });
const head = (shard: string, seq: number) => ({ shard, seq, hash: String(seq).repeat(64).slice(0, 64) });

describe("the root over the heads", () => {
  test("is RFC 6962's: of none the empty hash, of one its leaf, and any other head, order or count is another", () => {
    expect(rootOf([])).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    const three = [head("ask-1", 1), head("mint-1", 2), head("mint-2", 3)];
    const roots = [
      three,
      three.slice(0, 2),
      [...three].reverse(),
      [head("ask-1", 1), head("mint-1", 2), head("mint-2", 4)],
      [head("ask-1", 1), head("mint-1", 2), head("mint-3", 3)],
      [...three, head("mint-2", 3)],
    ].map(rootOf);
    expect(new Set(roots).size).toBe(roots.length);
    expect(rootOf(three)).toBe(rootOf(three.map((each) => ({ ...each }))));
  });
});

let dynamo: DynamoServer;
beforeAll(async () => {
  dynamo = await startDynalite();
});
afterAll(() => dynamo.stop());

/** A store, and the same restored to what it was at a moment: the entries it had then, in a new one. */
const backends: Readonly<Record<string, () => Promise<Store>>> = {
  libsql: async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "roletrail-anchors-"));
    folders.push(folder);
    return openLibsqlStore(path.join(folder, "store.db"));
  },
  dynalite: async () => storeOn(dynamo.endpoint, await newTables(dynamo.endpoint)),
};
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

async function restored(
  from: Store,
  open: () => Promise<Store>,
  upTo: Readonly<Record<string, number>>,
): Promise<Store> {
  const store = await open();
  for (const [shard, seq] of Object.entries(upTo)) {
    await store.put({ partition: "ledger", sort: shard, value: {} }, { absent: true });
    for (const entry of await readLedger(from, shard, 0, seq))
      await store.put(
        { partition: `ledger#${shard}`, sort: String(entry.seq).padStart(12, "0"), value: entry },
        { absent: true },
      );
  }
  return store;
}

describe.each(Object.entries(backends))("anchors over %s", (_, open) => {
  let store: Store;
  let key: AnchorKey;
  let place: ReturnType<typeof newPlace>;
  let time = Date.parse("2026-11-21T09:00:00Z");
  const now = (): Date => new Date(time);
  const anchor = (of: Store = store) => anchorLedger(of, { place, key }, now);

  beforeEach(async () => {
    store = await open();
    key = newKey();
    place = newPlace();
    const [mint, vault] = [openLedger(store, "mint-1", now), openLedger(store, "vault-1", now)];
    for (let n = 0; n < 3; n += 1) await note(mint, `p_${n}`);
    await note(vault, "p_v");
  });

  test("hold every head, signed, each bound to the one before; nothing new is no new anchor", async () => {
    const first = await anchor();
    expect(first?.heads.map(({ shard, seq }) => `${shard} ${seq}`)).toEqual(["mint-1 3", "vault-1 1"]);
    expect(await anchor()).toBeNull();
    await note(openLedger(store, "mint-1", now), "p_4");
    time += 60_000;
    const second = await anchor();
    expect(second).toMatchObject({ previous: first?.root, at: now().toISOString() });
    expect(place.put_texts).toHaveLength(2);
    expect(await latestAnchor({ place, key })).toEqual(second);
  });

  test("that another key signed, or that were changed, are not believed", async () => {
    await anchor();
    await expect(latestAnchor({ place, key: newKey() })).rejects.toThrow("not signed by our key");
    const fewer = JSON.parse(place.put_texts[0] ?? "");
    fewer.heads.pop();
    place.put_texts.push(JSON.stringify(fewer));
    await expect(latestAnchor({ place, key })).rejects.toThrow("not signed by our key");
    place.put_texts.push(JSON.stringify({ ...fewer, root: rootOf(fewer.heads) }));
    await expect(latestAnchor({ place, key })).rejects.toThrow("not signed by our key");
  });

  test("are not put over a chain that breaks, nor over a ledger that lost what was anchored", async () => {
    await anchor();
    const entry = (await readLedger(store, "mint-1", 2, 1))[0];
    const forged = { ...entry, seq: 4, body: { person_id: "p_forged" } };
    await store.put({ partition: "ledger#mint-1", sort: "000000000004", value: forged }, { absent: true });
    await expect(anchor()).rejects.toThrow("not sound: mint-1 4");
    const back = await restored(store, open, { "mint-1": 2, "vault-1": 1 });
    await expect(anchor(back)).rejects.toThrow("lacks what was anchored: mint-1 3");
    expect(place.put_texts).toHaveLength(1);
    await back.close();
  });

  test("after a restore nothing is minted until somebody reconciled exactly what was lost; then it is on record", async () => {
    await anchor();
    const back = await restored(store, open, { "mint-1": 2 });
    const guard = guardLedger(back, async () => ({ place, key }), now);
    const refusal = await guard.refusal();
    expect(refusal).toMatchObject({ code: "ledger.behind", message: expect.stringContaining("2 of its chains") });

    // Sign-ins go on meanwhile, in the same places: what stands there now is something else than what was anchored.
    for (let n = 0; n < 2; n += 1) await note(openLedger(back, "mint-1", now), "p_later");
    await note(openLedger(back, "vault-1", now), "p_other");
    time += 11_000;
    expect((await guard.refusal())?.code).toBe("ledger.behind");

    const of = { store: back, anchors: { place, key }, ledger: openLedger(back, "reconcile-1", now) };
    const told = await reconcile(of);
    expect(told).toMatchObject({ done: false, confirm: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(told.lost.map(({ shard, anchored, found }) => [shard, anchored.seq, found?.seq])).toEqual([
      ["mint-1", 3, 4],
      ["vault-1", 1, 1],
    ]);
    const words = { by: "teo", why: "restored to 09:00 after a deletion" };
    await expect(reconcile(of, { ...words, confirm: "0".repeat(16) })).rejects.toMatchObject({
      code: "request.invalid",
    });
    expect((await headsOf(back)).get("reconcile-1")).toBeUndefined();
    expect(await reconcile(of, { ...words, confirm: told.confirm ?? "" })).toMatchObject({ done: true });
    const [entry] = await readLedger(back, "reconcile-1", 0, 10);
    expect(entry).toMatchObject({ kind: "ledger.reconciled", body: { ...words, lost: told.lost } });

    time += 11_000;
    expect(await guard.refusal()).toBeNull();
    expect(await reconcile(of)).toMatchObject({ lost: [], confirm: null });
    // From where each chain went on, anchoring goes on; a second loss is a second loss.
    const next = await anchor(back);
    expect(next?.heads.map(({ shard, seq }) => `${shard} ${seq}`)).toEqual(["mint-1 4", "reconcile-1 1", "vault-1 1"]);
    await note(openLedger(back, "mint-1", now), "p_5");
    expect(await anchor(back)).not.toBeNull();
    const again = await restored(back, open, { "mint-1": 4, "reconcile-1": 1, "vault-1": 1 });
    expect(next === null ? [] : await lostSince(again, next)).toEqual([]);
    await expect(anchor(again)).rejects.toThrow("lacks what was anchored: mint-1 5");
    await again.close();
    await back.close();
  });

  test("a whole ledger is minted from; anchors that cannot be read stop only who never saw them", async () => {
    let broken = true;
    const guard = guardLedger(
      store,
      async () => {
        if (broken) throw new Error("S3 is away");
        return { place, key };
      },
      now,
    );
    expect(await guard.refusal()).toMatchObject({ code: "ledger.unanchored" });
    broken = false;
    time += 11_000;
    expect(await guard.refusal()).toBeNull();
    await anchor();
    broken = true;
    time += 301_000;
    expect(await guard.refusal()).toBeNull();
  });
});
