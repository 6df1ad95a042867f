import { expect, test } from "vitest";
import { keyOf, type Place, packed, place, put, read, record } from "./trail.ts";

const uuid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const key = keyOf("aaaaaaaaaaaaaaaa");

const everything = (at: Place) => at.store.writer.rows("select * from events order by event_id, file_index");
const told = (at: Place) => at.store.writer.rows("select state, records, rejected_records, reason from files");

/** The same records as CloudTrail writes them, and indented, which is parsed record by record. */
async function bothRoads(records: readonly unknown[]) {
  const [fast, careful] = [await place(), await place()];
  put(fast, key, packed(records));
  put(careful, key, JSON.stringify({ Records: records }, null, 1));
  for (const at of [fast, careful]) await read(at);
  const [a, b] = [await everything(fast), await everything(careful)];
  expect(a).toEqual(b);
  expect(await told(fast)).toEqual(await told(careful));
  for (const at of [fast, careful]) at.store.close();
  return a;
}

const plain = record("");
const { userIdentity, ...others } = plain;
const { eventVersion, ...behind } = others;

test("each record keeps its own caller and its own ending among others", async () => {
  const records = Array.from({ length: 9 }, (_, number) =>
    record(uuid(number), {
      userIdentity: { type: "IAMUser", arn: `arn:aws:iam::111122223333:user/u${number % 3}` },
      readOnly: number % 2 === 0,
      recipientAccountId: `11112222333${number % 4}`,
    }),
  );
  const rows = await bothRoads(records);
  expect(rows.map(({ caller, read_only, recipient_account }) => [caller, read_only, recipient_account])).toEqual(
    records.map((_, number) => [
      `arn:aws:iam::111122223333:user/u${number % 3}`,
      number % 2 === 0,
      `11112222333${number % 4}`,
    ]),
  );
});

test("days of which there is much are written as they are read, others together, and none is lost", async () => {
  const userAgent = "x".repeat(400);
  const records = Array.from({ length: 4_500 }, (_, number) =>
    record(uuid(number), { eventTime: `2026-11-${number % 15 === 0 ? 17 : 18 + (number % 2)}T09:00:00Z`, userAgent }),
  );
  const rows = await bothRoads(records);
  const days = ["2026-11-17", "2026-11-18", "2026-11-19"].map((day) => rows.filter((row) => row["day"] === day).length);
  expect(days).toEqual([300, 2_100, 2_100]);
});

test("a time that is a path names no file, however many records tell it", async () => {
  const userAgent = "x".repeat(400);
  const records = Array.from({ length: 3_000 }, (_, number) =>
    record(uuid(number), { eventTime: "../escapedT09:00:00Z", userAgent }),
  );
  const rows = await bothRoads([...records, record(uuid(9_999))]);
  expect(rows.map((row) => row["event_id"])).toEqual([uuid(9_999)]);
});

test("many records that tell another day before their own lie under their own", async () => {
  const told = { type: "Root", "": "x".repeat(400), eventTime: "2001-01-01T00:00:00Z" };
  const records = Array.from({ length: 3_000 }, (_, number) =>
    record(uuid(number), number < 2_900 ? { userIdentity: told } : {}),
  );
  const rows = await bothRoads(records);
  expect(rows.map((row) => row["day"])).toEqual(records.map(() => "2026-11-20"));
});

test("a record whose keys are in another order, or hold what looks like a seam, loses nothing", async () => {
  const id = uuid(999);
  const rows = await bothRoads([
    { ...others, userIdentity, eventID: uuid(1) },
    { eventVersion, userIdentity, errorCode: "AccessDenied", ...behind, eventID: uuid(2) },
    { ...plain, eventID: uuid(3), errorCode: "AccessDenied", errorMessage: "behind the id" },
    { ...plain, userIdentity: { type: "Root", x: { a: 1 }, eventTime: "2001-01-01T00:00:00Z" }, eventID: uuid(4) },
    { ...plain, requestParameters: { eventID: id, readOnly: false }, eventID: uuid(5) },
    { ...plain, requestParameters: { x: { eventID: id, readOnly: false }, y: 1 }, eventID: uuid(6) },
    { ...plain, requestParameters: '},"eventTime":"2001-01-01T00:00:00Z","eventID":"', eventID: uuid(7) },
    { ...plain, _f: 7, _i: 7, _u: 7, _t: 7, _n: 7, eventID: uuid(8) },
    {
      ...plain,
      eventID: uuid(9),
      resources: [{ ARN: "arn:aws:s3:::b" }],
      sharedEventID: "s",
      addendum: { reason: "r" },
    },
    { ...plain, eventID: uuid(10), eventTime: "2026-11-20T11:00:00+02:00" },
    { ...plain, eventID: uuid(11), eventTime: "2026-13-40T09:00:00Z" },
    { eventVersion, userIdentity, errorCode: "AccessDenied", addendum: { a: 1 }, ...behind, eventID: uuid(12) },
  ]);
  expect(rows.map((row) => [Number(String(row["event_id"]).slice(-2)), row["error_code"], row["caller_kind"]])).toEqual(
    [
      [1, null, "iam-user"],
      [2, "AccessDenied", "iam-user"],
      [3, "AccessDenied", "iam-user"],
      [4, null, "root"],
      ...[5, 6, 7, 8, 9, 10].map((number) => [number, null, "iam-user"]),
      [12, "AccessDenied", "iam-user"],
    ],
  );
  expect(rows[8]).toMatchObject({ resources: '[{"ARN":"arn:aws:s3:::b"}]', shared_event_id: "s" });
  expect(rows[9]).toMatchObject({ happened_at: "2026-11-20T09:00:00Z" });
});

test("a caller of any type, or one that the engine cannot read, costs at most itself", async () => {
  const callers = [null, "root", [], {}, { type: 7 }, { type: "IAMUser", userName: "\ud800" }, { type: "AWSService" }];
  const rows = await bothRoads(
    callers.flatMap((caller, number) => [
      { ...plain, userIdentity: caller, eventID: uuid(2 * number) },
      { ...plain, userIdentity: caller, eventID: uuid(2 * number + 1) },
    ]),
  );
  expect(rows.map((row) => row["caller"]).filter((_, number) => number % 2 === 0)).toEqual([
    "none:?",
    "none:?",
    "none:?",
    "none:?",
    "7:?",
    "IAMUser:?/\uFFFD",
    "service:198.51.100.7",
  ]);
});
