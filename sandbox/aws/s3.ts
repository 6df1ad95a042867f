import { AwsError, type AwsReply, type Call, type ServiceHandler } from "./call.ts";
import { bucketNamed } from "./find.ts";
import {
  bucketLocation,
  bucketVersioning,
  createBucket,
  deleteBucket,
  deleteBucketPolicy,
  deleteBucketTagging,
  getBucketPolicy,
  getBucketTagging,
  headBucket,
  listBuckets,
  putBucketPolicy,
  putBucketTagging,
  putBucketVersioning,
} from "./s3-buckets.ts";
import { onBucket, pathOf, recordS3, type S3Call, type S3Path } from "./s3-call.ts";
import { listObjects } from "./s3-list.ts";
import { deleteObject, deleteObjects, getObject, putObject } from "./s3-objects.ts";
import { Uploads } from "./s3-parts.ts";
import { type ObjectStore, objectStore } from "./s3-store.ts";

/** S3 in path style over `<world>/s3`. Calls on objects and ListObjects are data events, those on buckets management. */
export function s3(world: string): ServiceHandler {
  const store = objectStore(world);
  const uploads = new Uploads(store);
  return (call) => {
    const place = pathOf(call);
    const operation = operations.find((one) => one.fits(call, place));
    if (operation === undefined)
      throw new AwsError("NotImplemented", "A header you provided implies functionality that is not implemented.", 501);
    const owner = bucketNamed(call.organisation, place.bucket)?.account;
    const { trace } = call;
    trace.eventName = operation.name;
    trace.readOnly = call.request.method === "GET" || call.request.method === "HEAD";
    trace.category = operation.isData ? "Data" : "Management";
    recordS3(call, place, owner, operation.isData && place.key !== "");
    const answer = operation.run({ store, uploads, call, place });
    const sent = typeof answer.body === "string" ? Buffer.byteLength(answer.body) : answer.body.length;
    trace.additionalEventData = { ...trace.additionalEventData, bytesTransferredOut: sent };
    return answer;
  };
}

interface Stage {
  readonly store: ObjectStore;
  readonly uploads: Uploads;
  readonly call: Call;
  readonly place: S3Path;
}

interface Operation {
  readonly name: string;
  readonly isData: boolean;
  fits(call: Call, place: S3Path): boolean;
  run(stage: Stage): AwsReply;
}

type Level = "service" | "bucket" | "object";

/** `words`: query names that make a request this one. A request with other such words is another operation. */
function operation(
  name: string,
  method: string,
  level: Level,
  words: readonly string[],
  isData: boolean,
  run: Operation["run"],
): Operation {
  return {
    name,
    isData,
    run,
    fits: ({ request }, place) =>
      request.method === method &&
      levelOf(place) === level &&
      words.every((word) => place.query.has(word)) &&
      !subresources.some((word) => place.query.has(word) && !words.includes(word)),
  };
}

const levelOf = ({ bucket, key }: S3Path): Level => (bucket === "" ? "service" : key === "" ? "bucket" : "object");

// Query words that name something else of a bucket or object; with one we do not know, nothing is guessed.
const subresources = [
  "accelerate",
  "acl",
  "analytics",
  "attributes",
  "cors",
  "delete",
  "encryption",
  "intelligent-tiering",
  "inventory",
  "legal-hold",
  "lifecycle",
  "location",
  "logging",
  "metrics",
  "notification",
  "object-lock",
  "ownershipControls",
  "policy",
  "policyStatus",
  "publicAccessBlock",
  "replication",
  "requestPayment",
  "restore",
  "retention",
  "select",
  "tagging",
  "torrent",
  "uploadId",
  "uploads",
  "versioning",
  "versions",
  "website",
];

const onBucketOf =
  (run: (call: S3Call) => AwsReply): Operation["run"] =>
  ({ call, place }) =>
    run(onBucket(call, place));

const withStore =
  (run: (store: ObjectStore, call: S3Call) => AwsReply): Operation["run"] =>
  ({ store, call, place }) =>
    run(store, onBucket(call, place));

const withUploads =
  (step: "create" | "part" | "complete" | "abort"): Operation["run"] =>
  ({ uploads, call, place }) =>
    uploads[step](onBucket(call, place));

// biome-ignore format: the columns are the point
const operations: readonly Operation[] = [
  operation("ListBuckets",            "GET",    "service", [],             false, ({ call }) => listBuckets(call)),
  operation("GetBucketLocation",      "GET",    "bucket",  ["location"],   false, onBucketOf(bucketLocation)),
  operation("GetBucketVersioning",    "GET",    "bucket",  ["versioning"], false, onBucketOf(bucketVersioning)),
  operation("PutBucketVersioning",    "PUT",    "bucket",  ["versioning"], false, onBucketOf(putBucketVersioning)),
  operation("GetBucketPolicy",        "GET",    "bucket",  ["policy"],     false, onBucketOf(getBucketPolicy)),
  operation("PutBucketPolicy",        "PUT",    "bucket",  ["policy"],     false, onBucketOf(putBucketPolicy)),
  operation("DeleteBucketPolicy",     "DELETE", "bucket",  ["policy"],     false, onBucketOf(deleteBucketPolicy)),
  operation("GetBucketTagging",       "GET",    "bucket",  ["tagging"],    false, onBucketOf(getBucketTagging)),
  operation("PutBucketTagging",       "PUT",    "bucket",  ["tagging"],    false, onBucketOf(putBucketTagging)),
  operation("DeleteBucketTagging",    "DELETE", "bucket",  ["tagging"],    false, onBucketOf(deleteBucketTagging)),
  operation("DeleteObjects",          "POST",   "bucket",  ["delete"],     true,  withStore(deleteObjects)),
  operation("HeadBucket",             "HEAD",   "bucket",  [],             false, onBucketOf(headBucket)),
  operation("CreateBucket",           "PUT",    "bucket",  [],             false, ({ store, call, place }) => createBucket(store, call, place)),
  operation("DeleteBucket",           "DELETE", "bucket",  [],             false, withStore(deleteBucket)),
  operation("ListObjects",            "GET",    "bucket",  [],             true,  withStore(listObjects)),
  operation("CreateMultipartUpload",  "POST",   "object",  ["uploads"],    true,  withUploads("create")),
  operation("UploadPart",             "PUT",    "object",  ["uploadId"],   true,  withUploads("part")),
  operation("CompleteMultipartUpload","POST",   "object",  ["uploadId"],   true,  withUploads("complete")),
  operation("AbortMultipartUpload",   "DELETE", "object",  ["uploadId"],   true,  withUploads("abort")),
  operation("GetObject",              "GET",    "object",  [],             true,  withStore(getObject)),
  operation("HeadObject",             "HEAD",   "object",  [],             true,  withStore(getObject)),
  operation("PutObject",              "PUT",    "object",  [],             true,  withStore(putObject)),
  operation("DeleteObject",           "DELETE", "object",  [],             true,  withStore(deleteObject)),
];
