import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Row, Store } from "#/core/store/index.ts";

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

    test("a removed row is absent, and removing it again is no trouble", async () => {
      await fill("p", ["1"]);
      await store.remove("p", "1");
      await store.remove("p", "1");
      expect(await store.get("p", "1")).toBeNull();
      expect(await store.put({ partition: "p", sort: "1", value: 1 }, { absent: true })).toBe(true);
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
