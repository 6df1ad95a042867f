import { expect, test } from "vitest";
import type { RefreshFacts } from "#/queries/ingest/commit.ts";
import { keyOf, type Place, packed, place, put, read, record } from "./trail.ts";

test("a folder of CloudTrail files becomes events and a ledger of files", async () => {
  const at = await place();
  put(at, keyOf("aaaaaaaaaaaaaaaa"), packed([record("e1"), record("e2", { errorCode: "AccessDenied" })]));
  put(at, keyOf("bbbbbbbbbbbbbbbb"), packed([]));
  await read(at);
  expect(await at.store.writer.rows("select event_id, outcome, day, file, file_index from events order by 1")).toEqual([
    { event_id: "e1", outcome: "ok", day: "2026-11-20", file: keyOf("aaaaaaaaaaaaaaaa"), file_index: 0 },
    { event_id: "e2", outcome: "denied", day: "2026-11-20", file: keyOf("aaaaaaaaaaaaaaaa"), file_index: 1 },
  ]);
  expect(await at.store.writer.rows("select state, records from files order by file")).toEqual([
    { state: "loaded", records: 2 },
    { state: "empty", records: 0 },
  ]);
  at.store.close();
});

test("a session token is in no event", async () => {
  const at = await place();
  const responseElements = { credentials: { accessKeyId: "ASIAEXAMPLE", sessionToken: 'to"ken\\', expiration: "x" } };
  put(at, keyOf("aaaaaaaaaaaaaaaa"), packed([record("e1", { responseElements })]));
  await read(at);
  const [row] = await at.store.writer.rows("select response from events");
  expect(JSON.parse(String(row?.["response"]))).toEqual({
    credentials: { accessKeyId: "ASIAEXAMPLE", sessionToken: null, expiration: "x" },
  });
  at.store.close();
});

const winners = (at: Place) =>
  at.store.writer.rows("select event_id, source_ip, file_index from events order by event_id, file, file_index");

test("of records of one event the first by object key wins, within a run and across runs", async () => {
  const at = await place();
  put(at, keyOf("bbbbbbbbbbbbbbbb"), packed([record("e1", { sourceIPAddress: "second" }), record("e2")]));
  put(at, keyOf("cccccccccccccccc"), packed([record("e1", { sourceIPAddress: "third" })]));
  await read(at);
  expect(await winners(at)).toEqual([
    { event_id: "e1", source_ip: "second", file_index: 0 },
    { event_id: "e2", source_ip: "198.51.100.7", file_index: 1 },
  ]);
  put(at, keyOf("aaaaaaaaaaaaaaaa"), packed([record("e3"), record("e1", { sourceIPAddress: "first" })]));
  const { touched } = await read(at);
  expect(touched).toEqual([{ days: ["2026-11-20"], events: 3, everything: false }]);
  expect(await winners(at)).toEqual([
    { event_id: "e1", source_ip: "first", file_index: 1 },
    { event_id: "e2", source_ip: "198.51.100.7", file_index: 1 },
    { event_id: "e3", source_ip: "198.51.100.7", file_index: 0 },
  ]);
  expect(await at.store.writer.rows("select count(*) as n from duplicates")).toEqual([{ n: 2 }]);
  expect(await at.store.writer.rows("select count(*) as n, count(distinct key) as d from event_keys")).toEqual([
    { n: 3, d: 3 },
  ]);
  at.store.close();
});

test("one event of two accounts is two events", async () => {
  const at = await place();
  put(at, keyOf("aaaaaaaaaaaaaaaa"), packed([record("e1"), record("e1", { recipientAccountId: "444455556666" })]));
  await read(at);
  expect(await at.store.writer.rows("select count(*) as n from events")).toEqual([{ n: 2 }]);
  at.store.close();
});

test("a file that changed is read anew, and a duplicate that had lost to it comes back", async () => {
  const at = await place();
  put(at, keyOf("aaaaaaaaaaaaaaaa"), packed([record("e1", { sourceIPAddress: "first" }), record("e2")]));
  put(at, keyOf("bbbbbbbbbbbbbbbb"), packed([record("e1", { sourceIPAddress: "second" })]));
  await read(at);
  put(at, keyOf("aaaaaaaaaaaaaaaa"), packed([record("e2"), record("e4"), record("e5")]));
  await read(at);
  expect((await winners(at)).map((row) => `${row["event_id"]} ${row["source_ip"]}`)).toEqual([
    "e1 second",
    "e2 198.51.100.7",
    "e4 198.51.100.7",
    "e5 198.51.100.7",
  ]);
  expect(await at.store.writer.rows("select count(*) as n from duplicates")).toEqual([{ n: 0 }]);
  expect(await at.store.writer.rows("select count(*) as n from files")).toEqual([{ n: 2 }]);
  at.store.close();
});

test("facts that need more memory than most are made anew with all there is", async () => {
  const at = await place();
  put(at, keyOf("a"), packed([record("e1")]));
  let times = 0;
  const hungry: RefreshFacts = async (connection) => {
    times += 1;
    // 128 MB in one piece, which no 192 MB have beside what it grew out of.
    await connection.run("create or replace temp table eaten as select len(list(i)) from range(12000000) as t(i)");
  };
  expect(await read(at, hungry)).toMatchObject({ read: 1 });
  expect(times).toBe(2);
  expect(await at.store.writer.rows("select event_id from events")).toEqual([{ event_id: "e1" }]);
  expect(await at.store.writer.rows("select records from files")).toEqual([{ records: 1 }]);
  at.store.close();
});
