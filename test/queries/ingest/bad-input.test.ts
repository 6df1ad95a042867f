import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { answer } from "../answers.ts";
import { keyOf, packed, place, put, read, record } from "./trail.ts";

const good = keyOf("gggggggggggggggg");
const bad = keyOf("bbbbbbbbbbbbbbbb");
const pair = (more: Readonly<Record<string, unknown>> = {}): unknown[] => [record("b1", more), record("b2")];
const text = (records: readonly unknown[]): string => JSON.stringify({ Records: records });

function wrongCrc(): Buffer {
  const bytes = packed(pair());
  const at = bytes.length - 8;
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  return bytes;
}

interface Damage {
  readonly name: string;
  readonly bytes: Buffer | string;
  /** Of the file: state, records, rejected records, reason. */
  readonly file: readonly [string, number, number, string | null];
}

// facts/peers.md A.3: what other tools drop in silence, or die of.
const damages: readonly Damage[] = [
  {
    name: "a truncated gzip",
    bytes: packed(pair()).subarray(0, -20),
    file: ["unreadable", 0, 0, "the gzip is cut short"],
  },
  { name: "a wrong CRC", bytes: wrongCrc(), file: ["unreadable", 0, 0, "the gzip's checksum is wrong"] },
  { name: "no bytes", bytes: "", file: ["unreadable", 0, 0, "it has no bytes"] },
  {
    name: "not JSON: an S3 error page",
    bytes: "<?xml version='1.0'?><Error/>",
    file: ["unreadable", 0, 0, "it is not JSON"],
  },
  { name: "not JSON inside a gzip", bytes: gzipSync("hello"), file: ["unreadable", 0, 0, "it is not JSON"] },
  {
    name: "JSON cut inside a good gzip",
    bytes: gzipSync(text(pair()).slice(0, -30)),
    file: ["unreadable", 0, 0, "its JSON breaks off or is damaged"],
  },
  {
    name: "JSON cut between two records",
    bytes: gzipSync(text(pair()).slice(0, text([record("b1")]).length - 2)),
    file: ["unreadable", 0, 0, "its JSON breaks off or is damaged"],
  },
  { name: "no Records", bytes: gzipSync("{}"), file: ["unreadable", 0, 0, "no Records are in it"] },
  {
    name: "Records that are none",
    bytes: gzipSync('{"Records":7}'),
    file: ["unreadable", 0, 0, "no Records are in it"],
  },
  { name: "an empty list of records", bytes: packed([]), file: ["empty", 0, 0, null] },
  {
    name: "two gzip members of one file each",
    bytes: Buffer.concat([packed([record("b1")]), packed([record("b2")])]),
    file: ["loaded", 2, 0, null],
  },
  {
    name: "one document in two gzip members",
    bytes: Buffer.concat([gzipSync(text(pair()).slice(0, 90)), gzipSync(text(pair()).slice(90))]),
    file: ["loaded", 2, 0, null],
  },
  { name: "a byte order mark", bytes: gzipSync(`\uFEFF${text(pair())}`), file: ["loaded", 2, 0, null] },
  {
    name: "an invalid UTF-8 byte",
    bytes: gzipSync(Buffer.from(text(pair({ userAgent: "a\u00ff" })), "latin1")),
    file: ["loaded", 2, 0, null],
  },
  {
    name: "a lone surrogate",
    bytes: gzipSync(text(pair()).replace("aws-cli/2.32.0", "\\ud800")),
    file: ["loaded", 2, 0, null],
  },
  {
    name: "pretty-printed JSON",
    bytes: gzipSync(JSON.stringify({ Records: pair() }, null, 2)),
    file: ["loaded", 2, 0, null],
  },
  { name: "JSON that is not packed", bytes: text(pair()), file: ["loaded", 2, 0, null] },
  {
    name: "one record a line",
    bytes: gzipSync(
      pair()
        .map((one) => `${JSON.stringify(one)}\n`)
        .join(""),
    ),
    file: ["loaded", 2, 0, null],
  },
  {
    name: "one record a line, one of them damaged",
    bytes: gzipSync([JSON.stringify(record("b1")), '{"eventID":', JSON.stringify(record("b2"))].join("\n")),
    file: ["loaded", 2, 1, "1 record: not JSON"],
  },
  {
    name: "several files in one list",
    bytes: JSON.stringify([{ Records: [record("b1")] }, { Records: [record("b2")] }]),
    file: ["loaded", 2, 0, null],
  },
  { name: "a single record", bytes: gzipSync(JSON.stringify(record("b1"))), file: ["loaded", 1, 0, null] },
  {
    name: "EventBridge's wrapping",
    bytes: JSON.stringify({ version: "0", "detail-type": "AWS API Call via CloudTrail", detail: record("b1") }),
    file: ["loaded", 1, 0, null],
  },
  {
    name: "LookupEvents' wrapping",
    bytes: JSON.stringify({ Events: [{ EventId: "b1", CloudTrailEvent: JSON.stringify(record("b1")) }] }),
    file: ["loaded", 1, 0, null],
  },
  {
    name: "a record without eventID",
    bytes: packed([record("b1"), { ...record("x"), eventID: undefined }, { ...record("y"), eventID: "" }]),
    file: ["loaded", 1, 2, "2 records: no eventID"],
  },
  {
    name: "a bad eventTime and none",
    bytes: packed([
      record("b1"),
      record("b2", { eventTime: "nope" }),
      record("b3", { eventTime: undefined }),
      record("b4", { eventTime: "0000-01-01T00:00:00Z" }),
      record("b5", { eventTime: "9999-12-31T23:59:59Z" }),
      record("b6", { eventTime: "9999-12-31T23:59:59-02:00" }),
    ]),
    file: ["loaded", 2, 4, "4 records: no time"],
  },
  {
    name: "a null record and one that is a number",
    bytes: packed([record("b1"), null, 7, record("b2")]),
    file: ["loaded", 2, 2, "2 records: not an object"],
  },
  {
    name: "fields of wrong types",
    bytes: packed([
      record("b1", {
        userIdentity: "root",
        resources: "none",
        readOnly: "true",
        responseElements: "done",
        tlsDetails: 4,
      }),
      record("b2", { userIdentity: { type: "IAMUser", sessionContext: "no", arn: 5 } }),
    ]),
    file: ["loaded", 2, 0, null],
  },
  {
    name: "records of 70 kB and 250 kB",
    bytes: packed([
      record("b1", { requestParameters: { text: "x".repeat(70_000) } }),
      record("b2", { requestParameters: { text: "y".repeat(250_000) } }),
    ]),
    file: ["loaded", 2, 0, null],
  },
  {
    name: "a record that holds what looks like the start of another",
    bytes: packed([record("b1", { requestParameters: { list: [{ a: 1 }, { eventVersion: "1.08" }] } }), record("b2")]),
    file: ["loaded", 2, 0, null],
  },
  {
    name: "a record that claims another file's number",
    bytes: packed([record("b1", { _f: 0, _i: 9 }), record("b2", { _f: 0 })]),
    file: ["loaded", 2, 0, null],
  },
  { name: "an empty record", bytes: packed([record("b1"), {}]), file: ["loaded", 1, 1, "1 record: no eventID"] },
];

describe("one bad file costs that file, one bad record that record, and each is named", () => {
  test.each(damages)("$name", async ({ bytes, file }) => {
    const at = await place();
    put(at, good, packed([record("g1"), record("g2")]));
    put(at, bad, bytes);
    await read(at);
    const files = await at.store.writer.rows("select file, state, records, rejected_records, reason from files");
    const row = files.find((one) => one["file"] === bad);
    expect([row?.["state"], row?.["records"], row?.["rejected_records"], row?.["reason"]]).toEqual(file);
    expect(files.find((one) => one["file"] === good)).toMatchObject({ state: "loaded", records: 2, reason: null });
    const [events] = await at.store.writer.rows(
      "select count(*) as all, count_if(event_id like 'g%') as good, count(distinct (file, file_index)) as places from events",
    );
    expect(events).toEqual({ all: 2 + file[1], good: 2, places: 2 + file[1] });
    at.store.close();
  });
});

test("trail-problems names what could not be read and what was rejected, and no healthy file", async () => {
  const at = await place();
  put(at, good, packed([record("g1")]));
  put(at, bad, "hello");
  put(at, keyOf("cccccccccccccccc"), packed([record("c1"), null]));
  put(at, keyOf("dddddddddddddddd"), packed([]));
  await read(at);
  const rows = await answer(at.store.writer, "trail-problems");
  const first_seen_at = "2026-11-21T12:00:00Z";
  expect(rows.map(({ bytes, ...row }) => ({ ...row, hasBytes: Number(bytes) > 0 }))).toEqual([
    {
      file: bad,
      state: "unreadable",
      reason: "it is not JSON",
      records: 0,
      rejected_records: 0,
      first_seen_at,
      hasBytes: true,
    },
    {
      file: keyOf("cccccccccccccccc"),
      state: "loaded",
      reason: "1 record: not an object",
      records: 1,
      rejected_records: 1,
      first_seen_at,
      hasBytes: true,
    },
  ]);
  at.store.close();
});

test("what is no log file is left out and said: digests, insights, Lake's, another service's, other files, links to nowhere", async () => {
  const at = await place();
  put(at, good, packed([record("g1")]));
  put(at, "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/11/20/a.json.gz", gzipSync("{}"));
  put(at, "AWSLogs/111122223333/CloudTrail-Insight/us-east-1/2026/11/20/a.json.gz", gzipSync("{}"));
  put(at, "AWSLogs/111122223333/CloudTrail-Lake/Query/2026/11/20/q/result_sign.json", "{}");
  put(at, "o/AWSLogs/o-a1b2c3/111122223333/Config/us-east-1/2026/11/20/ConfigHistory/a.json.gz", gzipSync("{}"));
  put(at, "AWSLogs/XXXXXXXXXXXX/Config/us-east-1/2026/11/20/ConfigSnapshot/a.json.gz", gzipSync("{}"));
  put(at, "README.md", "logs");
  put(at, "AWSLogs/._a.json.gz", "\0\u0005\u0016\u0007");
  symlinkSync("nowhere", path.join(at.trail, "out.json"));
  const { skipped, listed } = await read(at);
  expect(listed).toBe(1);
  expect(skipped).toEqual({
    "CloudTrail-Digest files": 1,
    "CloudTrail-Insight files": 1,
    "CloudTrail-Lake files": 1,
    "AWS Config files": 2,
    "other files": 2,
    "links and devices": 1,
  });
  at.store.close();
});

test("links to files and folders are followed, and those that lead back are not", async () => {
  const at = await place();
  const elsewhere = path.join(path.dirname(at.trail), "elsewhere");
  mkdirSync(path.join(elsewhere, "year"), { recursive: true });
  writeFileSync(path.join(elsewhere, "year", "a.json.gz"), packed([record("l1")]));
  writeFileSync(path.join(elsewhere, "b.json.gz"), packed([record("l2")]));
  put(at, "own/c.json.gz", packed([record("l3")]));
  symlinkSync(elsewhere, path.join(at.trail, "linked"));
  symlinkSync(path.join(elsewhere, "b.json.gz"), path.join(at.trail, "b.json.gz"));
  // Back to itself, to what holds it, and to what is read already.
  symlinkSync("..", path.join(elsewhere, "year", "up"));
  symlinkSync(path.dirname(at.trail), path.join(at.trail, "own", "out"));
  symlinkSync(".", path.join(at.trail, "own", "here"));
  symlinkSync("circle", path.join(at.trail, "circle"));
  const { skipped, listed } = await read(at);
  expect(listed).toBe(4);
  expect(skipped).toEqual({ "links and devices": 4 });
  expect(await at.store.writer.rows("select distinct event_id from events order by 1")).toEqual([
    { event_id: "l1" },
    { event_id: "l2" },
    { event_id: "l3" },
  ]);
  at.store.close();
});

test("a file whose name is not UTF-8 loads, and its key leads back to it", async () => {
  const at = await place();
  const name = Buffer.concat([Buffer.from("caf"), Buffer.from([0xe9]), Buffer.from(".json.gz")]);
  put(at, name, packed([record("b1")]));
  put(at, "caf\u00e9.json.gz", packed([record("b2")]));
  await read(at);
  expect(await at.store.writer.rows("select file, state from files order by file")).toEqual([
    { file: "caf//e9.json.gz", state: "loaded" },
    { file: "caf\u00e9.json.gz", state: "loaded" },
  ]);
  at.store.close();
});

test("dates in each form that occurs are read as UTC", async () => {
  const at = await place();
  const creationDate = (text: string | number) => ({
    userIdentity: { type: "AssumedRole", sessionContext: { attributes: { creationDate: text } } },
  });
  const forms = [
    "2013-11-02T01:06:28Z",
    "20131102T010628Z",
    "Nov 02, 2013 1:06:28 AM",
    "Nov 2, 2013, 1:06:28 AM",
    "Nov 2, 2013, 1:06:28\u202fAM",
    "2013-11-02T03:06:28+02:00",
    "2013-11-02T01:06:28",
    "2013-11-02 01:06:28.000",
    "2013-11-02 01:06:28 UTC",
    1_383_354_388,
    "1383354388",
    1_383_354_388_000,
  ];
  put(at, good, packed(forms.map((form, index) => record(`e${index}`, creationDate(form)))));
  await read(at);
  const rows = await at.store.writer.rows("select session_created_at as at from events order by event_id");
  expect(rows.map((row) => row["at"])).toEqual(forms.map(() => "2013-11-02T01:06:28Z"));
  at.store.close();
});
