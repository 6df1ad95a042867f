import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type NewEntry, openLedger, readLedger, verifyLedger } from "#/core/ledger.ts";
import type { Row, Store } from "#/core/store/index.ts";
import { valueBytesMax } from "#/core/store/rules.ts";

export interface StoreUnderTest {
  readonly store: Store;
  /** A second handle on the same rows, as another process would hold. */
  readonly second: Store;
  readonly dispose: () => Promise<void>;
}

/** What every back-end of the store promises. Call it from the back-end's own test file. */
export function storeContract(name: string, open: (now: () => number) => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the store's promise`, () => {
    let clock = 1_000_000_000_000;
    let opened: StoreUnderTest;
    let store: Store;
    beforeEach(async () => {
      clock = 1_000_000_000_000;
      opened = await open(() => clock);
      store = opened.store;
    });
    afterEach(() => opened.dispose());
    const sorts = (rows: readonly Row[]): string[] => rows.map((row) => row.sort);
    const fill = async (partition: string, names: readonly string[]): Promise<void> => {
      for (const sort of names) await store.put({ partition, sort, value: sort }, { absent: true });
    };

    test("a row comes back as it was put, on every handle, at once", async () => {
      const value = { text: "a'b\"c\u0000\u{1f511}", list: [1, 2.5, null], nested: { yes: true } };
      expect(await store.put({ partition: "p", sort: "s", value, expires_at: clock + 1 }, { absent: true })).toBe(true);
      const row = { partition: "p", sort: "s", version: 1, expires_at: clock + 1, value };
      expect(await store.get("p", "s")).toEqual(row);
      expect(await opened.second.get("p", "s")).toEqual(row);
    });

    test("what was never put is null, and joined keys are not confused", async () => {
      await store.put({ partition: "user1", sort: "0", value: 1 }, { absent: true });
      expect(await store.get("user", "10")).toBeNull();
      expect(await store.list("user")).toEqual([]);
    });

    test("an absent put writes once, whichever handle asks", async () => {
      expect(await store.put({ partition: "p", sort: "s", value: 1 }, { absent: true })).toBe(true);
      expect(await store.put({ partition: "p", sort: "s", value: 2 }, { absent: true })).toBe(false);
      expect(await opened.second.put({ partition: "p", sort: "s", value: 3 }, { absent: true })).toBe(false);
      expect((await store.get("p", "s"))?.value).toBe(1);
    });

    test("of many absent puts at once exactly one wins", async () => {
      const puts = Array.from({ length: 20 }, (_, at) =>
        (at % 2 === 0 ? store : opened.second).put({ partition: "p", sort: "s", value: at }, { absent: true }),
      );
      expect((await Promise.all(puts)).filter(Boolean)).toHaveLength(1);
    });

    test("a versioned put replaces exactly that version", async () => {
      await store.put({ partition: "p", sort: "s", value: 1 }, { absent: true });
      expect(await store.put({ partition: "p", sort: "s", value: 2 }, { version: 2 })).toBe(false);
      expect(await store.put({ partition: "p", sort: "s", value: 2 }, { version: 1 })).toBe(true);
      expect(await store.put({ partition: "p", sort: "s", value: 3 }, { version: 1 })).toBe(false);
      expect(await store.get("p", "s")).toMatchObject({ version: 2, value: 2 });
    });

    test("a versioned put of a row that is not there writes nothing", async () => {
      expect(await store.put({ partition: "p", sort: "s", value: 1 }, { version: 1 })).toBe(false);
      expect(await store.get("p", "s")).toBeNull();
    });

    test("an unconditional put writes and counts versions on", async () => {
      expect(await store.put({ partition: "p", sort: "s", value: 1 }, { any: true })).toBe(true);
      expect(await store.put({ partition: "p", sort: "s", value: 2 }, { any: true })).toBe(true);
      expect(await store.get("p", "s")).toMatchObject({ version: 2, value: 2 });
    });

    test("a row past its end is gone to reads, lists and conditions, swept or not", async () => {
      await store.put({ partition: "p", sort: "s", value: 1, expires_at: clock + 1000 }, { absent: true });
      clock += 1000;
      expect(await store.get("p", "s")).toBeNull();
      expect(await store.list("p")).toEqual([]);
      expect(await store.put({ partition: "p", sort: "s", value: 2 }, { version: 1 })).toBe(false);
      expect(await store.put({ partition: "p", sort: "s", value: 2 }, { absent: true })).toBe(true);
      expect(await store.get("p", "s")).toMatchObject({ value: 2, expires_at: null });
    });

    test("a list is in byte order of the sort key, also outside the basic plane", async () => {
      // UTF-16 would put U+FF5E after U+1F511; UTF-8 bytes put it before.
      await fill("p", ["b", "a", "\u{1f511}", "\uff5e", "B"]);
      expect(sorts(await store.list("p"))).toEqual(["B", "a", "b", "\uff5e", "\u{1f511}"]);
    });

    test("a range includes its start, excludes its end, and goes both ways to its limit", async () => {
      await fill("p", ["1", "2", "3", "4", "5"]);
      expect(sorts(await store.list("p", { from: "2", to: "4" }))).toEqual(["2", "3"]);
      expect(sorts(await store.list("p", { newestFirst: true, limit: 2 }))).toEqual(["5", "4"]);
      expect(sorts(await store.list("p", { from: "2", to: "4", newestFirst: true, limit: 1 }))).toEqual(["3"]);
      expect(sorts(await store.list("p", { limit: 0 }))).toEqual([]);
    });

    test("a bulk put stops at the first row that is there, and says how far it came", async () => {
      await fill("p", ["3"]);
      const rows = ["1", "2", "3", "4"].map((sort) => ({ partition: "p", sort, value: `new ${sort}` }));
      expect(await store.putAll(rows)).toBe(2);
      expect((await store.list("p")).map((row) => row.value)).toEqual(["new 1", "new 2", "3"]);
      expect(await store.putAll([])).toBe(0);
    });

    test("a row of a bulk put may say its own condition; nothing after one that does not hold is written", async () => {
      await fill("p", ["1", "2"]);
      const rows = [
        { partition: "p", sort: "1", value: "any", condition: { any: true } },
        { partition: "p", sort: "2", value: "of version 1", condition: { version: 1 } },
        { partition: "p", sort: "3", value: "new" },
        { partition: "p", sort: "1", value: "too late", condition: { version: 1 } },
        { partition: "p", sort: "4", value: "after it" },
      ] as const;
      expect(await store.putAll(rows)).toBe(3);
      expect((await store.list("p")).map((row) => row.value)).toEqual(["any", "of version 1", "new"]);
    });

    test("a removed row is absent, and removing it again is no trouble", async () => {
      await fill("p", ["1"]);
      await store.remove("p", "1");
      await store.remove("p", "1");
      expect(await store.get("p", "1")).toBeNull();
      expect(await store.put({ partition: "p", sort: "1", value: 1 }, { absent: true })).toBe(true);
    });

    test("the ledger takes new rows only, and no row of it has an end", async () => {
      for (const partition of ["ledger", "ledger#mint-1"]) {
        const row = { partition, sort: "1", value: 1 };
        expect(await store.put(row, { absent: true })).toBe(true);
        await expect(store.put({ ...row, value: 2 }, { any: true })).rejects.toThrow(/new rows only/);
        await expect(store.put({ ...row, value: 2 }, { version: 1 })).rejects.toThrow(/new rows only/);
        await expect(store.put({ ...row, sort: "2", expires_at: clock }, { absent: true })).rejects.toThrow(/keeps/);
        await expect(store.remove(partition, "1")).rejects.toThrow(/new rows only/);
        expect((await store.list(partition)).map((found) => found.value)).toEqual([1]);
      }
    });

    test("writers of one shard in several processes leave no hole, lose no entry, and the chain holds", async () => {
      const now = (): Date => new Date(clock);
      const entry = (n: number): NewEntry => ({ kind: "mint.failed", body: { mint_id: `m_${n}`, why: "why" } });
      const [a, b] = [openLedger(store, "mint-1", now), openLedger(opened.second, "mint-1", now)];
      await Promise.all(Array.from({ length: 16 }, (_, n) => (n % 2 === 0 ? a : b).append(entry(n))));
      await a.appendAll([entry(16), entry(17)]);
      expect(await verifyLedger(opened.second)).toMatchObject({ entries: 18, faults: [] });
      const ids = (await readLedger(store, "mint-1", 0, 100)).map(({ body }) => JSON.stringify(body));
      expect(new Set(ids).size).toBe(18);
    });

    test("keys and values over DynamoDB's limits are an error everywhere, and nothing is under such a key", async () => {
      const long = "x".repeat(1_025);
      for (const [partition, sort] of [
        ["", "s"],
        ["p", ""],
        ["p", long],
        [`${long}${long}`, "s"],
      ] as const) {
        await expect(store.put({ partition, sort, value: 1 }, { any: true })).rejects.toThrow(/key/);
        expect(await store.get(partition, sort)).toBeNull();
        await store.remove(partition, sort);
      }
      const value = "é".repeat((valueBytesMax - 2) / 2);
      expect(await store.put({ partition: "p", sort: "s", value }, { absent: true })).toBe(true);
      expect((await store.get("p", "s"))?.value).toBe(value);
      await expect(store.put({ partition: "p", sort: "t", value: `${value}x` }, { any: true })).rejects.toThrow(
        /bytes/,
      );
    });

    test("a list is whole also where a back-end answers in pages", async () => {
      const value = "v".repeat(200_000);
      const names = Array.from({ length: 14 }, (_, n) => String(n).padStart(2, "0"));
      for (const sort of names) await store.put({ partition: "p", sort, value }, { absent: true });
      expect(sorts(await store.list("p"))).toEqual(names);
      expect(sorts(await store.list("p", { newestFirst: true, limit: 12 }))).toEqual(names.toReversed().slice(0, 12));
    });

    test("rows past their end do not use up a list's limit", async () => {
      for (const sort of ["1", "2", "3"])
        await store.put({ partition: "p", sort, value: 1, expires_at: clock + 1 }, { absent: true });
      await fill("p", ["4", "5", "6"]);
      clock += 1;
      expect(sorts(await store.list("p", { limit: 2 }))).toEqual(["4", "5"]);
      expect(sorts(await store.list("p", { from: "4", to: "6", limit: 5 }))).toEqual(["4", "5"]);
      expect(sorts(await store.list("p", { from: "6", to: "4" }))).toEqual([]);
      expect(sorts(await store.list("p", { to: "5" }))).toEqual(["4"]);
      expect(sorts(await store.list("p", { from: "5" }))).toEqual(["5", "6"]);
    });

    test("any keys and JSON values survive the round trip", async () => {
      const key = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
      await fc.assert(
        fc.asyncProperty(key, key, fc.jsonValue(), async (partition, sort, value) => {
          await store.put({ partition, sort, value }, { any: true });
          expect((await store.get(partition, sort))?.value).toEqual(JSON.parse(JSON.stringify(value)));
        }),
        { numRuns: 60 },
      );
    });
  });
}
