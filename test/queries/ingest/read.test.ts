import { expect, test } from "vitest";
import { keyOf, packed, place, put, read, record } from "./trail.ts";

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
