import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { readTrail } from "#/queries/ingest/read.ts";
import { openSource } from "#/queries/sources/open.ts";
import { type Started, startSandbox } from "../../sandbox/start.ts";
import { keyOf, noFacts, openStore, packed, place, record } from "../ingest/trail.ts";

let sandbox: Started;
let client: S3Client;

beforeAll(async () => {
  sandbox = await startSandbox();
  const { accessKeyId, secretAccessKey } = sandbox.key("main/admin");
  client = new S3Client({ ...sandbox.client, credentials: { accessKeyId, secretAccessKey } });
  // As for every SDK client: the ambient key, and AWS_ENDPOINT_URL leads elsewhere.
  vi.stubEnv("AWS_ENDPOINT_URL", sandbox.url);
  vi.stubEnv("AWS_REGION", sandbox.client.region);
  vi.stubEnv("AWS_ACCESS_KEY_ID", accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", secretAccessKey);
  vi.stubEnv("AWS_SESSION_TOKEN", undefined);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await sandbox.close();
});

const put = (Key: string, Body: Buffer | string) =>
  client.send(new PutObjectCommand({ Bucket: "main-data", Key, Body }));
const [monday, tuesday] = ["2026/11/16", "2026/11/17"] as const;

test("a bucket is read as a folder is: new and changed objects, by prefix, faults named", async () => {
  const { home, store: unused } = await place();
  unused.close();
  const store = await openStore(home);
  await put(`logs/${keyOf("aaaaaaaaaaaaaaaa", monday)}`, packed([record("e1"), record("e2")]));
  await put(`logs/${keyOf("bbbbbbbbbbbbbbbb", tuesday)}`, packed([record("e3")]).subarray(0, -9));
  await put("logs/readme.txt", "logs");
  await put(`elsewhere/${keyOf("cccccccccccccccc", monday)}`, packed([record("other")]));
  const source = await openSource("s3://main-data/logs");
  const look = async (days?: ReadonlySet<string>) =>
    readTrail(store, source, noFacts, { now: () => new Date(), worker: null, ...(days === undefined ? {} : { days }) });
  expect(await look()).toMatchObject({ listed: 2, read: 2, skipped: { "other files": 1 } });
  expect(await store.writer.rows("select file, state, records, reason from files order by file")).toEqual([
    { file: `logs/${keyOf("aaaaaaaaaaaaaaaa", monday)}`, state: "loaded", records: 2, reason: null },
    {
      file: `logs/${keyOf("bbbbbbbbbbbbbbbb", tuesday)}`,
      state: "unreadable",
      records: 0,
      reason: "the gzip is cut short",
    },
  ]);
  expect(await look()).toMatchObject({ listed: 2, read: 0 });
  await put(`logs/${keyOf("bbbbbbbbbbbbbbbb", tuesday)}`, packed([record("e3")]));
  await put(`logs/${keyOf("dddddddddddddddd", monday)}`, packed([record("e4")]));
  // Only the day asked for is listed.
  expect(await look(new Set([tuesday]))).toMatchObject({ listed: 1, read: 1 });
  expect(await look()).toMatchObject({ listed: 3, read: 1 });
  const events = await store.writer.rows("select event_id from events order by 1");
  expect(events.map((row) => row["event_id"])).toEqual(["e1", "e2", "e3", "e4"]);
  store.close();
});

test("more objects than one answer holds are all listed", async () => {
  const folder = path.join(sandbox.world, "s3/main-data/many/AWSLogs");
  mkdirSync(folder, { recursive: true });
  for (let number = 0; number < 1_005; number += 1)
    writeFileSync(path.join(folder, `${String(number).padStart(4, "0")}.json`), "{}");
  const { files } = await (await openSource("s3://main-data/many/")).list();
  expect(files).toHaveLength(1_005);
  expect(files.map(({ key }) => key)).toEqual(files.map(({ key }) => key).toSorted());
}, 30_000);

test("an object that is gone, or may not be read, is that object's fault alone", async () => {
  const source = await openSource("s3://main-data/logs");
  await expect(source.read("logs/gone.json.gz")).rejects.toMatchObject({ name: "NoSuchKey" });
});

test("what is no bucket's name is refused", async () => {
  await expect(openSource("s3://")).rejects.toMatchObject({ code: "trail.none" });
  await expect(openSource("s3://Not_A_Bucket/x")).rejects.toMatchObject({ code: "trail.none" });
});
