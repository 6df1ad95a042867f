import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import Database from "libsql";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Entry, type NewEntry, openLedger, readLedger, shardsOf, verifyLedger } from "#/core/ledger.ts";
import type { Store } from "#/core/store/index.ts";
import { openLibsqlStore } from "#/core/store/libsql.ts";

let folder = "";
let store: Store;
const at = new Date("2026-11-21T09:30:00.123Z");
const now = (): Date => at;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ledger-"));
  store = openLibsqlStore(path.join(folder, "store.db"));
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const entry = (n: number): NewEntry => ({ kind: "mint.failed", body: { mint_id: `m_${n}`, why: `why ${n}` } });
const write = async (count: number): Promise<void> => {
  const ledger = openLedger(store, "mint-1", now);
  for (let n = 1; n <= count; n += 1) await ledger.append(entry(n));
};
const change = async (seq: number, edit: (found: Entry) => unknown): Promise<void> => {
  const [found] = await readLedger(store, "mint-1", seq - 1, 1);
  if (found === undefined) throw new Error("no such entry");
  behindItsBack("update rows set value = ? where sort = ?", JSON.stringify(edit(found)), sortOf(seq));
};
const remove = (seq: number): void => behindItsBack("delete from rows where sort = ?", sortOf(seq));
const sortOf = (seq: number): string => String(seq).padStart(12, "0");

/** The store itself neither changes nor removes an entry: whoever tampers writes to the file. */
function behindItsBack(sql: string, ...values: string[]): void {
  const file = new Database(path.join(folder, "store.db"));
  expect(file.prepare(sql).run(...values).changes).toBe(1);
  file.close();
}

test("entries count from 1 without holes, carry milliseconds and the hash before them", async () => {
  await write(3);
  const entries = await readLedger(store, "mint-1", 0, 10);
  expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(entries[0]).toMatchObject({ shard: "mint-1", at: "2026-11-21T09:30:00.123Z", previous: "0".repeat(64) });
  expect(entries[1]?.previous).toBe(entries[0]?.hash);
  expect(await verifyLedger(store)).toMatchObject({ entries: 3, faults: [] });
});

test("the hash is SHA-256 over the RFC 8785 form, so another program can check it", async () => {
  await write(1);
  const [first] = await readLedger(store, "mint-1", 0, 1);
  // Computed by hand: keys in order, no white space.
  const text = `{"at":"2026-11-21T09:30:00.123Z","body":{"mint_id":"m_1","why":"why 1"},"kind":"mint.failed","previous":"${"0".repeat(64)}","seq":1,"shard":"mint-1"}`;
  const { createHash } = await import("node:crypto");
  expect(first?.hash).toBe(createHash("sha256").update(text).digest("hex"));
});

test("a flipped value, an added field and a forged hash are each named by their entry", async () => {
  await write(5);
  await change(3, (found) => ({ ...found, body: { mint_id: "m_3", why: "whY 3" } }));
  expect((await verifyLedger(store)).faults).toEqual([{ shard: "mint-1", seq: 3, why: "hash" }]);
  await change(3, (found) => ({ ...found, body: { mint_id: "m_3", why: "why 3" }, note: "added" }));
  expect((await verifyLedger(store)).faults).toEqual([{ shard: "mint-1", seq: 3, why: "hash" }]);
});

test("an entry rewritten with a right hash breaks the next one", async () => {
  await write(5);
  const { hashOf } = await import("#/core/ledger.ts");
  await change(2, (found) => {
    const { hash: _, ...forged } = { ...found, at: "2020-01-01T00:00:00.000Z" };
    return { ...forged, hash: hashOf(forged) };
  });
  expect((await verifyLedger(store)).faults).toEqual([{ shard: "mint-1", seq: 3, why: "previous" }]);
});

test("a removed entry is a hole at its place; a removed tail shows against a remembered head", async () => {
  await write(5);
  const heads = new Map(
    (await verifyLedger(store)).shards.map(({ shard, entries, head }) => [shard, { seq: entries, hash: head }]),
  );
  remove(5);
  expect((await verifyLedger(store)).faults).toEqual([]);
  expect((await verifyLedger(store, heads)).faults).toEqual([{ shard: "mint-1", seq: 5, why: "hole" }]);
  remove(2);
  expect((await verifyLedger(store)).faults).toEqual([{ shard: "mint-1", seq: 2, why: "hole" }]);
});

test("two entries that changed places are found at the first of them", async () => {
  await write(5);
  const [two, three] = await readLedger(store, "mint-1", 1, 2);
  await change(2, () => three);
  await change(3, () => two);
  expect((await verifyLedger(store)).faults).toEqual([{ shard: "mint-1", seq: 2, why: "place" }]);
  await change(2, () => ({ ...three, seq: 2 }));
  expect((await verifyLedger(store)).faults[0]?.seq).toBe(2);
});

test("a row that is no entry at all is a fault, not a crash", async () => {
  await write(2);
  await change(2, () => "gone");
  expect((await verifyLedger(store)).faults).toEqual([{ shard: "mint-1", seq: 2, why: "hash" }]);
});

test("two writers of one shard lose races, never entries", async () => {
  const other = openLibsqlStore(path.join(folder, "store.db"));
  const [a, b] = [openLedger(store, "mint-1", now), openLedger(other, "mint-1", now)];
  await Promise.all(Array.from({ length: 60 }, (_, n) => (n % 2 === 0 ? a : b).append(entry(n))));
  await b.appendAll(Array.from({ length: 10 }, (_, n) => entry(100 + n)));
  await a.append(entry(200));
  const report = await verifyLedger(store);
  expect(report).toMatchObject({ entries: 71, faults: [] });
  const ids = (await readLedger(store, "mint-1", 0, 100)).map(({ body }) => JSON.stringify(body));
  expect(new Set(ids).size).toBe(71);
  await other.close();
});

test("a writer that starts again goes on where the shard ended", async () => {
  await write(2);
  await openLedger(store, "mint-1", now).append(entry(3));
  await openLedger(store, "revoke-1", now).append(entry(1));
  expect(await shardsOf(store)).toEqual(["mint-1", "revoke-1"]);
  expect(await verifyLedger(store)).toMatchObject({ entries: 4, faults: [] });
});

test("a write that fails is an error, and the next append still fits the chain", async () => {
  await write(1);
  let broken = true;
  const failing: Store = {
    get: (p, s) => store.get(p, s),
    list: (p, r) => store.list(p, r),
    putAll: (rows) => store.putAll(rows),
    remove: (p, s) => store.remove(p, s),
    close: () => store.close(),
    put: (row, condition) => (broken ? Promise.reject(new Error("disk full")) : store.put(row, condition)),
  };
  const ledger = openLedger(failing, "mint-1", now);
  await expect(ledger.append(entry(2))).rejects.toThrow("disk full");
  broken = false;
  expect((await ledger.append(entry(2))).seq).toBe(2);
});

test("rows that must go before an entry go with it; where one cannot, the entry is not written, nor what follows", async () => {
  const ledger = openLedger(store, "mint-1", now);
  const row = (sort: string) => ({ partition: "claims", sort, value: sort });
  const after = { ...row("freed"), condition: { any: true } } as const;
  await ledger.append(entry(1), { before: [row("a"), row("b")], after: [after] });
  expect((await store.list("claims")).map(({ sort }) => sort)).toEqual(["a", "b", "freed"]);
  const taken = row("b");
  const blocked = ledger.append(entry(2), { before: [row("c"), taken, row("d")], after: [after] });
  await expect(blocked).rejects.toMatchObject({ name: "Blocked", row: taken });
  expect((await store.list("claims")).map(({ sort }) => sort)).toEqual(["a", "b", "c", "freed"]);
  expect((await store.get("claims", "freed"))?.version).toBe(1);
  expect((await ledger.append(entry(2))).seq).toBe(2);
  expect(await verifyLedger(store)).toMatchObject({ entries: 2, faults: [] });
});

test("rows before an entry are written once, also when another writer of the shard was first", async () => {
  const other = openLibsqlStore(path.join(folder, "store.db"));
  const [a, b] = [openLedger(store, "mint-1", now), openLedger(other, "mint-1", now)];
  await a.append(entry(1));
  await b.append(entry(2));
  await a.append(entry(3), { before: [{ partition: "claims", sort: "a", value: 1 }] });
  expect(await verifyLedger(store)).toMatchObject({ entries: 3, faults: [] });
  await other.close();
});

test("ten thousand entries are appended in a bulk within seconds, and verify", async () => {
  const started = performance.now();
  await openLedger(store, "story-1", now).appendAll(Array.from({ length: 10_000 }, (_, n) => entry(n)));
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(await verifyLedger(store)).toMatchObject({ entries: 10_000, faults: [] });
});

test("whatever an entry says, the chain verifies; whichever byte of it changes, it does not", async () => {
  const ledger = openLedger(store, "mint-1", now);
  const text = fc.string({ unit: "grapheme", maxLength: 60 });
  let seq = 0;
  await fc.assert(
    fc.asyncProperty(text, text, async (why, other) => {
      seq = (await ledger.append({ kind: "mint.failed", body: { mint_id: "m_1", why } })).seq;
      expect((await verifyLedger(store)).faults).toEqual([]);
      if (why === other) return;
      const original = (await readLedger(store, "mint-1", seq - 1, 1))[0];
      await change(seq, (found) => ({ ...found, body: { mint_id: "m_1", why: other } }));
      expect((await verifyLedger(store)).faults[0]?.seq).toBe(seq);
      await change(seq, () => original);
    }),
    { numRuns: 40 },
  );
});
