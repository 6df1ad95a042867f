import { AwsError, type AwsReply } from "./call.ts";
import { bucketNamed } from "./find.ts";
import { onBucket, type S3Call } from "./s3-call.ts";
import { type About, md5, noSuchKey, type ObjectStore, type StoredObject } from "./s3-store.ts";
import { decode } from "./uri.ts";
import { unescapeXml, xml } from "./xml.ts";

/** GetObject and HeadObject, whole or a range, as it stands or as it was put under a version's id. */
export function getObject(store: ObjectStore, call: S3Call): AwsReply {
  const id = call.query.get("versionId");
  call.authorizeObject(id === undefined ? "s3:GetObject" : "s3:GetObjectVersion");
  const kept = id === undefined ? undefined : store.version(call.bucket, call.key, id);
  const object = kept?.object ?? found(store, call);
  const range = rangeOf(call.headers["range"], object.size);
  const isHead = call.call.request.method === "HEAD";
  const version: Record<string, string> = id === undefined ? {} : { "x-amz-version-id": id };
  const headers = { ...headersOf(object), ...version, "content-length": String(range?.length ?? object.size) };
  const body = isHead ? "" : (kept?.body ?? store.read(call.bucket, call.key));
  if (range === undefined) return call.answer(body, headers);
  const { from, length } = range;
  const partial = { ...headers, "content-range": `bytes ${from}-${from + length - 1}/${object.size}` };
  return call.answer(isHead ? "" : Buffer.from(body).subarray(from, from + length), partial, 206);
}

/** PutObject, also conditional (`If-None-Match: *`, `If-Match`). */
export function putObject(store: ObjectStore, call: S3Call): AwsReply {
  if (call.headers["x-amz-copy-source"] !== undefined) return copyObject(store, call);
  call.authorizeObject("s3:PutObject");
  checkCondition(store, call);
  const { body } = call.call.request;
  const digest = call.headers["content-md5"];
  if (digest !== undefined && digest !== Buffer.from(md5(body), "hex").toString("base64"))
    throw new AwsError("BadDigest", "The Content-MD5 you specified did not match what we received.");
  const object = store.write(call.bucket, call.key, body, aboutOf(call));
  return call.answer("", { etag: `"${object.etag}"`, ...versionOf(store, call) });
}

/** What was just written, kept under an id where the bucket keeps versions. */
export const versionOf = (store: ObjectStore, { bucket, key, kept }: S3Call): Record<string, string> =>
  kept.versioned === true ? { "x-amz-version-id": store.keepVersion(bucket, key) } : {};

/** Its versions stay: here nobody removes one. */
export function deleteObject(store: ObjectStore, call: S3Call): AwsReply {
  call.authorizeObject(call.query.has("versionId") ? "s3:DeleteObjectVersion" : "s3:DeleteObject");
  if (call.query.has("versionId")) throw keepsVersions();
  store.remove(call.bucket, call.key);
  return call.answer("", {}, 204);
}

const keepsVersions = (): AwsError =>
  new AwsError("NotImplemented", "The sandbox keeps every version of an object.", 501);

/** DeleteObjects: each key is allowed or refused by itself. */
export function deleteObjects(store: ObjectStore, call: S3Call): AwsReply {
  const asked = Buffer.from(call.call.request.body).toString("utf8");
  if (asked.includes("<VersionId>")) throw keepsVersions();
  const keys = [...asked.matchAll(/<Key>([^<]*)<\/Key>/g)];
  const results = keys.map(([, text = ""]) => {
    const key = unescapeXml(text);
    try {
      call.authorizeObject("s3:DeleteObject", key);
      store.remove(call.bucket, key);
      return xml("Deleted", { Key: key });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return xml("Error", { Key: key, Code: error.code, Message: error.message });
    }
  });
  return call.answer(
    `<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${results.join("")}</DeleteResult>`,
  );
}

export function aboutOf(call: S3Call): About {
  const metadata = Object.entries(call.headers).filter(([name]) => name.startsWith("x-amz-meta-"));
  return {
    contentType: call.headers["content-type"] ?? "binary/octet-stream",
    metadata: Object.fromEntries(metadata.map(([name, value]) => [name.slice("x-amz-meta-".length), value])),
  };
}

function copyObject(store: ObjectStore, call: S3Call): AwsReply {
  const [, bucket = "", key = ""] = /^\/?([^/]+)\/(.+)$/.exec(decode(call.headers["x-amz-copy-source"] ?? "")) ?? [];
  if (bucketNamed(call.call.organisation, bucket) === undefined)
    throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
  const source = onBucket(call.call, { bucket, key, query: call.query });
  source.authorizeObject("s3:GetObject");
  call.authorizeObject("s3:PutObject");
  const old = found(store, source);
  const about = call.headers["x-amz-metadata-directive"] === "REPLACE" ? aboutOf(call) : old;
  const object = store.write(call.bucket, call.key, store.read(bucket, key), {
    contentType: about.contentType,
    metadata: about.metadata,
  });
  const result = { LastModified: object.modifiedAt.toISOString(), ETag: `"${object.etag}"` };
  call.call.trace.eventName = "CopyObject";
  return call.answer(xml("CopyObjectResult", result), versionOf(store, call));
}

/** Who may not list learns nothing about what is there: 403 where others see 404. */
function found(store: ObjectStore, call: S3Call): StoredObject {
  try {
    return store.head(call.bucket, call.key);
  } catch (error) {
    const isMissing = error instanceof AwsError && error.code === "NoSuchKey";
    if (isMissing && !call.mayList()) throw new AwsError("AccessDenied", "Access Denied", 403);
    throw error;
  }
}

function headersOf(object: StoredObject): Record<string, string> {
  const metadata = Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]);
  return {
    ...Object.fromEntries(metadata),
    "content-type": object.contentType,
    etag: `"${object.etag}"`,
    "last-modified": object.modifiedAt.toUTCString(),
    "accept-ranges": "bytes",
    // An object may be HTML from anybody: never run on this origin.
    "content-security-policy": "sandbox",
    "x-content-type-options": "nosniff",
  };
}

function rangeOf(header: string | undefined, size: number): { from: number; length: number } | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  const from = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (from > to) throw new AwsError("InvalidRange", "The requested range is not satisfiable", 416);
  return { from, length: to - from + 1 };
}

function checkCondition(store: ObjectStore, call: S3Call): void {
  const none = call.headers["if-none-match"];
  const match = call.headers["if-match"];
  if (none === undefined && match === undefined) return;
  const etag = etagAt(store, call);
  if (match !== undefined && etag === undefined) throw noSuchKey();
  const holds = none === undefined ? etag === match?.replaceAll('"', "") : etag === undefined;
  if (!holds)
    throw new AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
}

function etagAt(store: ObjectStore, call: S3Call): string | undefined {
  try {
    return store.head(call.bucket, call.key).etag;
  } catch (error) {
    if (error instanceof AwsError && error.code === "NoSuchKey") return undefined;
    throw error;
  }
}
