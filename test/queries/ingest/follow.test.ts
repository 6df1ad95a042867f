import { expect, test } from "vitest";
import { Follower } from "#/queries/ingest/follow.ts";
import { openSource } from "#/queries/sources/open.ts";
import { keyOf, noFacts, type Place, packed, place, put, record } from "./trail.ts";

const noon = Date.parse("2026-11-21T12:00:00Z");
const [today, yesterday, before] = ["2026/11/21", "2026/11/20", "2026/11/19"] as const;

/** A follower whose clock is handed in, and what it has read so far. */
async function follower(at: Place) {
  const clock = { at: noon, leisure: true };
  const follow = new Follower(at.store, await openSource(at.trail), noFacts, {
    now: () => new Date(clock.at),
    worker: null,
    hasLeisure: () => clock.leisure,
  });
  const seen = async () =>
    (await at.store.writer.rows("select event_id from events order by 1")).map((row) => String(row["event_id"]));
  return { clock, follow, seen };
}

test("each look reads new files of the current and the previous day of delivery, all days come first and hourly", async () => {
  const at = await place();
  put(at, keyOf("aaaaaaaaaaaaaaaa", before), packed([record("old")]));
  const { clock, follow, seen } = await follower(at);
  expect(await follow.look()).toMatchObject({ listed: 1, read: 1 });
  put(at, keyOf("bbbbbbbbbbbbbbbb", today), packed([record("today")]));
  put(at, keyOf("cccccccccccccccc", yesterday), packed([record("yesterday")]));
  put(at, keyOf("dddddddddddddddd", before), packed([record("late")]));
  clock.at += 1_000;
  expect(await follow.look()).toMatchObject({ listed: 2, read: 2 });
  expect(await seen()).toEqual(["old", "today", "yesterday"]);
  clock.at += 3_598_000;
  expect(await follow.look()).toMatchObject({ listed: 2, read: 0, touched: [] });
  clock.at += 1_000;
  expect(await follow.look()).toMatchObject({ listed: 4, read: 1 });
  expect(await seen()).toEqual(["late", "old", "today", "yesterday"]);
  at.store.close();
});

test("at midnight the days move on", async () => {
  const at = await place();
  const { clock, follow, seen } = await follower(at);
  await follow.look();
  clock.at = Date.parse("2026-11-22T00:00:01Z");
  await follow.look();
  put(at, keyOf("aaaaaaaaaaaaaaaa", "2026/11/22"), packed([record("next")]));
  put(at, keyOf("bbbbbbbbbbbbbbbb", yesterday), packed([record("late")]));
  clock.at += 1_000;
  await follow.look();
  expect(await seen()).toEqual(["next"]);
  at.store.close();
});

test("a file without a day in its key is followed too", async () => {
  const at = await place();
  const { clock, follow, seen } = await follower(at);
  await follow.look();
  put(at, "dropped/by-hand.json", JSON.stringify({ Records: [record("hand")] }));
  clock.at += 1_000;
  await follow.look();
  expect(await seen()).toEqual(["hand"]);
  at.store.close();
});

test("a day in over fifty parts becomes one, in order of time, with the same events and without its losers", async () => {
  const at = await place();
  const { clock, follow } = await follower(at);
  const name = (number: number): string => `file${String(number).padStart(12, "0")}`;
  const partsOf = async (day: string) => (await at.store.parts()).filter((part) => part.includes(day)).length;
  for (let number = 0; number < 51; number += 1) {
    const eventTime = `2026-11-21T10:${String((number * 7) % 60).padStart(2, "0")}:00Z`;
    // Each file has the same first event, and all but the first lose it.
    put(at, keyOf(name(number), today), packed([record("same"), record(`e${number}`, { eventTime })]));
    clock.at += 1_000;
    expect((await follow.look()).read).toBe(1);
    if (number === 49) expect([await partsOf("2026-11-20"), await partsOf("2026-11-21")]).toEqual([50, 50]);
  }
  // A look writes one day again; the losers, all of the first, are out of its part.
  expect([await partsOf("2026-11-20"), await partsOf("2026-11-21")]).toEqual([1, 51]);
  expect(await at.store.writer.rows("select count(*) as losers from hidden")).toEqual([{ losers: 0 }]);
  clock.at += 1_000;
  await follow.look();
  expect([await partsOf("2026-11-20"), await partsOf("2026-11-21")]).toEqual([1, 1]);
  const [events] = await at.store.writer.rows(
    "select count(*) as n, count(distinct event_id) as d, count(distinct file) as files from events",
  );
  expect(events).toEqual({ n: 52, d: 52, files: 51 });
  const [, day] = await at.store.parts();
  const rows = await at.store.writer.rows(
    `select cast(happened_at as varchar) as at from ${at.store.scan([day ?? ""])} where day = date '2026-11-21'`,
  );
  const times = rows.map((row) => String(row["at"]));
  expect(times).toHaveLength(51);
  expect(times).toEqual(times.toSorted());
  expect(await at.store.writer.rows("select count(*) as n from duplicates")).toEqual([{ n: 50 }]);
  at.store.close();
}, 60_000);

test("while somebody asks, losers stay hidden where they are; a day without them is written once nobody does", async () => {
  const at = await place();
  const { clock, follow, seen } = await follower(at);
  put(at, keyOf("aaaaaaaaaaaaaaaa", today), packed([record("same"), record("one")]));
  put(at, keyOf("bbbbbbbbbbbbbbbb", today), packed([record("same"), record("two")]));
  await follow.look();
  const hidden = () => at.store.writer.rows("select cast(count(*) as int) as losers from hidden");
  clock.leisure = false;
  clock.at += 1_000;
  await follow.look();
  expect(await hidden()).toEqual([{ losers: 1 }]);
  expect(await seen()).toEqual(["one", "same", "two"]);
  clock.leisure = true;
  clock.at += 1_000;
  await follow.look();
  expect(await hidden()).toEqual([{ losers: 0 }]);
  expect(await seen()).toEqual(["one", "same", "two"]);
  at.store.close();
});
