import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { CloudTrailClient, PutEventSelectorsCommand } from "@aws-sdk/client-cloudtrail";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketTaggingCommand,
  DeleteObjectCommand,
  GetBucketAclCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { assume, refusal } from "../clients.ts";
import { allow, type Key, policy, type Started, startSandbox } from "../start.ts";

let sandbox: Started;
let s3: S3Client;
const clientOf = (key: Key | string) =>
  new S3Client({ ...sandbox.client, credentials: typeof key === "string" ? sandbox.key(key) : key });

beforeAll(async () => {
  sandbox = await startSandbox();
  s3 = clientOf("main/admin");
});
afterAll(() => sandbox.close());

const put = (Key: string, Body: string | Uint8Array, Bucket = "main-data") =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: "text/plain", Metadata: { by: "jo" } }));
const text = async (Key: string, Bucket = "main-data", client = s3) =>
  (await client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

test("an object is a plain file under its key, and comes back as it was put", async () => {
  await put("docs/räksmörgås & co.txt", "hej");
  expect(readFileSync(path.join(sandbox.world, "s3/main-data/docs/räksmörgås & co.txt"), "utf8")).toBe("hej");
  expect(await text("docs/räksmörgås & co.txt")).toBe("hej");
  const head = await s3.send(new HeadObjectCommand({ Bucket: "main-data", Key: "docs/räksmörgås & co.txt" }));
  expect([head.ContentLength, head.ContentType, head.Metadata]).toEqual([3, "text/plain", { by: "jo" }]);
});

test("a streamed body arrives whole, without its chunk framing", async () => {
  const body = Buffer.alloc(300_000, "x");
  await s3.send(
    new PutObjectCommand({
      Bucket: "main-data",
      Key: "stream.bin",
      Body: Readable.from([body.subarray(0, 100_000), body.subarray(100_000)]),
      ContentLength: body.length,
    }),
  );
  expect((await text("stream.bin"))?.length).toBe(300_000);
});

test("a range answers 206 with those bytes", async () => {
  await put("range.txt", "0123456789");
  const part = await s3.send(new GetObjectCommand({ Bucket: "main-data", Key: "range.txt", Range: "bytes=2-4" }));
  expect([await part.Body?.transformToString(), part.ContentRange]).toEqual(["234", "bytes 2-4/10"]);
  const tail = await s3.send(new GetObjectCommand({ Bucket: "main-data", Key: "range.txt", Range: "bytes=-3" }));
  expect(await tail.Body?.transformToString()).toBe("789");
});

test("listing pages through every key once, in order, whatever the page size", async () => {
  const keys = ["p/a", "p/a-b", "p/a.txt/c", "p/b/1", "p/b/2", "p/c"];
  for (const key of keys) await put(key, key);
  for (const pageSize of [1, 2, 3, 1000]) {
    const seen: string[] = [];
    for await (const page of paginateListObjectsV2({ client: s3, pageSize }, { Bucket: "main-data", Prefix: "p/" }))
      seen.push(...(page.Contents ?? []).map((one) => one.Key ?? ""));
    expect(seen).toEqual([...keys].sort());
  }
});

test("a delimiter folds keys into common prefixes, once each over all pages", async () => {
  for (const pageSize of [1, 2, 1000]) {
    const folders: string[] = [];
    const seen: string[] = [];
    for await (const page of paginateListObjectsV2(
      { client: s3, pageSize },
      { Bucket: "main-data", Prefix: "p/", Delimiter: "/" },
    )) {
      folders.push(...(page.CommonPrefixes ?? []).map((one) => one.Prefix ?? ""));
      seen.push(...(page.Contents ?? []).map((one) => one.Key ?? ""));
    }
    expect([folders, seen]).toEqual([
      ["p/a.txt/", "p/b/"],
      ["p/a", "p/a-b", "p/c"],
    ]);
  }
  const v1 = await s3.send(new ListObjectsCommand({ Bucket: "main-data", Prefix: "p/", Delimiter: "/" }));
  expect(v1.CommonPrefixes?.map((one) => one.Prefix)).toEqual(["p/a.txt/", "p/b/"]);
});

test("buckets are listed for their own account only", async () => {
  const { Buckets } = await s3.send(new ListBucketsCommand({}));
  expect(Buckets?.map((one) => one.Name)).toEqual(["main-data"]);
});

test("another account's bucket is closed, and open where its policy says so", async () => {
  const deny = await refusal(s3.send(new ListObjectsV2Command({ Bucket: "other-data" })));
  expect(deny).toMatch(/^AccessDenied/);
  await put("shared.txt", "ours too", "other-shared");
  expect(await text("shared.txt", "other-shared")).toBe("ours too");
});

test("a session policy narrows what a session reads", async () => {
  await put("narrow/open.txt", "open");
  await put("narrow/closed.txt", "closed");
  const key = await assume(sandbox, "Plain", {
    Policy: policy(allow("s3:GetObject", "arn:aws:s3:::main-data/narrow/open.txt")),
  });
  expect(await text("narrow/open.txt", "main-data", clientOf(key))).toBe("open");
  expect(await refusal(text("narrow/closed.txt", "main-data", clientOf(key)))).toMatch(/session policy/);
});

test("a missing object is 404 to who may list, 403 to who may not", async () => {
  expect(await refusal(text("none.txt"))).toMatch(/^NoSuchKey/);
  const key = await assume(sandbox, "Plain", { Policy: policy(allow("s3:GetObject")) });
  expect(await refusal(text("none.txt", "main-data", clientOf(key)))).toMatch(/^AccessDenied/);
});

test("no key and no link leads out of its bucket", async () => {
  writeFileSync(path.join(sandbox.world, "secret.txt"), "secret");
  mkdirSync(path.join(sandbox.world, "s3/main-data"), { recursive: true });
  symlinkSync(sandbox.world, path.join(sandbox.world, "s3/main-data/link"));
  const raw = (key: string) => text(key);
  for (const key of [
    "../secret.txt",
    "a/../../../secret.txt",
    "..",
    "a//b",
    "./x",
    "link/secret.txt",
    "a\u0000b",
    "..\\secret.txt",
  ])
    expect(await refusal(raw(key)), key).toMatch(
      /InvalidArgument|AccessDenied|NoSuchKey|NoSuchBucket|SignatureDoesNotMatch/,
    );
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: "main-data", Prefix: "link" }));
  expect(Contents).toBeUndefined();
});

test("copy, delete, a new bucket and a taken name", async () => {
  await put("from.txt", "copied");
  await s3.send(new CopyObjectCommand({ Bucket: "main-data", Key: "to.txt", CopySource: "main-data/from.txt" }));
  expect(await text("to.txt")).toBe("copied");
  await s3.send(new DeleteObjectCommand({ Bucket: "main-data", Key: "to.txt" }));
  expect(await refusal(text("to.txt"))).toMatch(/^NoSuchKey/);
  await s3.send(new CreateBucketCommand({ Bucket: "brand-new" }));
  await put("x", "y", "brand-new");
  expect(await refusal(s3.send(new CreateBucketCommand({ Bucket: "other-data" })))).toMatch(/^BucketAlreadyExists/);
});

test("a put that must not overwrite does not", async () => {
  await put("once.txt", "first");
  const again = s3.send(
    new PutObjectCommand({ Bucket: "main-data", Key: "once.txt", Body: "second", IfNoneMatch: "*" }),
  );
  expect(await refusal(again)).toMatch(/^PreconditionFailed/);
  expect(await text("once.txt")).toBe("first");
});

test("a call that is not simulated says so, and leaves no record without a name", async () => {
  expect(await refusal(s3.send(new GetBucketAclCommand({ Bucket: "main-data" })))).toMatch(/^NotImplemented: /);
  expect(sandbox.records().map((record) => record["eventName"])).not.toContain("");
});

test("reads of objects are in the trail only where a selector asks for them; bucket calls always", async () => {
  const names = () => sandbox.records().map((record) => record["eventName"]);
  expect(names()).toContain("ListBuckets");
  expect(names()).toContain("CreateBucket");
  expect(names().filter((name) => /Object/.test(name))).toEqual([]);
  const trail = new CloudTrailClient({ ...sandbox.client, credentials: sandbox.key("main/admin") });
  await trail.send(
    new PutEventSelectorsCommand({
      TrailName: "organization",
      EventSelectors: [
        {
          ReadWriteType: "ReadOnly",
          IncludeManagementEvents: true,
          DataResources: [{ Type: "AWS::S3::Object", Values: ["arn:aws:s3:::main-data/"] }],
        },
      ],
    }),
  );
  await text("once.txt");
  await s3.send(new ListObjectsV2Command({ Bucket: "main-data" }));
  await put("written.txt", "a write is not asked for");
  await text("x", "brand-new");
  const data = sandbox.records().filter((record) => record["eventCategory"] === "Data");
  expect(data.map((record) => [record["eventName"], record["requestParameters"].key])).toEqual([
    ["GetObject", "once.txt"],
    ["ListObjects", undefined],
  ]);
  expect(data[0]).toMatchObject({
    managementEvent: false,
    readOnly: true,
    requestParameters: { bucketName: "main-data" },
    resources: [
      { type: "AWS::S3::Object", ARN: "arn:aws:s3:::main-data/once.txt" },
      { type: "AWS::S3::Bucket", ARN: "arn:aws:s3:::main-data", accountId: "111122223333" },
    ],
  });
});

test("a bucket's tags are replaced whole, read back, and gone when deleted", async () => {
  const Bucket = "main-data";
  const read = async () => (await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet;
  expect(await refusal(read())).toMatch(/^NoSuchTagSet/);
  const tagged = (...TagSet: { Key: string; Value: string }[]) =>
    s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
  await tagged({ Key: "old", Value: "x" });
  await tagged({ Key: "team", Value: "R&D <1>" }, { Key: "run", Value: "" });
  expect(await read()).toEqual([
    { Key: "team", Value: "R&D <1>" },
    { Key: "run", Value: "" },
  ]);
  await s3.send(new DeleteBucketTaggingCommand({ Bucket }));
  expect(await refusal(read())).toMatch(/^NoSuchTagSet/);
  expect(await refusal(clientOf("main/nobody").send(new GetBucketTaggingCommand({ Bucket })))).toMatch(/^AccessDenied/);
});

test("a versioned bucket keeps each body under its id, for who may read versions; no id, no other body", async () => {
  const Key = "kept/access.yaml";
  const Bucket = "main-data";
  await put(Key, "before");
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe("Enabled");
  const { VersionId: first } = await put(Key, "one");
  const { VersionId: second } = await put(Key, "two");
  expect(first).not.toBe(second);
  const of = async (VersionId: string | undefined, client = s3) => {
    const { Body, VersionId: said } = await client.send(new GetObjectCommand({ Bucket, Key, VersionId }));
    return [await Body?.transformToString(), said];
  };
  expect([await of(first), await of(second), await of(undefined)]).toEqual([
    ["one", first],
    ["two", second],
    ["two", undefined],
  ]);
  await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  expect(await of(first)).toEqual(["one", first]);
  expect(await refusal(of("A".repeat(32)))).toMatch(/^NoSuchVersion/);
  expect(await refusal(of("../../aws.json"))).toMatch(/^NoSuchVersion/);
  expect(await refusal(s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId: first })))).toMatch(/^NotImplemented/);
  const copy = { Bucket, Key: "kept/copy", CopySource: `${Bucket}/range.txt` };
  expect((await s3.send(new CopyObjectCommand(copy))).VersionId).toMatch(/^[\w-]{32}$/);
});
