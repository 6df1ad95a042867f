import { AwsError, type AwsReply } from "./call.ts";
import type { S3Call } from "./s3-call.ts";
import type { ObjectStore } from "./s3-store.ts";
import { encode } from "./uri.ts";
import { xml } from "./xml.ts";

/** ListObjects and ListObjectsV2: prefix, delimiter, pages of at most 1,000. */
export function listObjects(store: ObjectStore, call: S3Call): AwsReply {
  const isV2 = call.query.get("list-type") === "2";
  const prefix = call.query.get("prefix") ?? "";
  const delimiter = call.query.get("delimiter") ?? "";
  const keysMax = pageSize(call.query.get("max-keys"));
  call.authorizeBucket("s3:ListBucket", {
    ...(prefix === "" ? {} : { "s3:prefix": prefix }),
    ...(delimiter === "" ? {} : { "s3:delimiter": delimiter }),
    "s3:max-keys": String(keysMax),
  });
  const page = pageOf(store, call, { prefix, delimiter, keysMax, after: startOf(call, isV2) });
  const shown = call.query.get("encoding-type") === "url" ? encodeKey : (text: string) => text;
  const head = {
    Name: call.bucket,
    Prefix: shown(prefix),
    ...(delimiter === "" ? {} : { Delimiter: shown(delimiter) }),
    MaxKeys: keysMax,
    ...(call.query.has("encoding-type") ? { EncodingType: "url" } : {}),
    IsTruncated: page.last !== undefined,
    ...(isV2 ? tokens(call, page) : markers(call, page, shown)),
  };
  const objects = page.keys.map((key) => xml("Contents", contentOf(store, call, key, shown))).join("");
  const folders = page.folders.map((folder) => xml("CommonPrefixes", { Prefix: shown(folder) })).join("");
  const inner = Object.entries(head)
    .map(([name, value]) => xml(name, value))
    .join("");
  return call.answer(
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}${objects}${folders}</ListBucketResult>`,
  );
}

interface Page {
  readonly keys: string[];
  readonly folders: string[];
  /** Where the next page begins; undefined on the last one. */
  readonly last: string | undefined;
}

const keysMaxDefault = 1_000;

function pageSize(text: string | undefined): number {
  if (text === undefined) return keysMaxDefault;
  if (!/^\d{1,9}$/.test(text))
    throw new AwsError("InvalidArgument", "Provided max-keys not an integer or within integer range");
  return Math.min(Number(text), keysMaxDefault);
}

/** A continuation token is the last key or folder given, in base 64. */
function startOf(call: S3Call, isV2: boolean): string {
  const token = call.query.get("continuation-token");
  if (!isV2) return call.query.get("marker") ?? "";
  return token === undefined ? (call.query.get("start-after") ?? "") : Buffer.from(token, "base64").toString("utf8");
}

interface Wanted {
  readonly prefix: string;
  readonly delimiter: string;
  readonly keysMax: number;
  readonly after: string;
}

function pageOf(store: ObjectStore, call: S3Call, wanted: Wanted): Page {
  const { prefix, delimiter, keysMax, after } = wanted;
  const folds = (folder: string): boolean => delimiter === "/" && folderOf(folder, wanted) === folder;
  const keys: string[] = [];
  const folders: string[] = [];
  let last: string | undefined;
  for (const key of store.keys(call.bucket, { prefix, after, folds })) {
    const folder = folderOf(key, wanted);
    if (folder !== undefined && (folder === folders.at(-1) || folder === after)) continue;
    if (keys.length + folders.length >= keysMax) return { keys, folders, last };
    if (folder === undefined) keys.push(key);
    else folders.push(folder);
    last = folder ?? key;
  }
  return { keys, folders, last: undefined };
}

/** The common prefix a key is folded into, up to the first delimiter after the prefix. */
function folderOf(key: string, { prefix, delimiter }: Wanted): string | undefined {
  const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : key.slice(0, at + delimiter.length);
}

function tokens(call: S3Call, page: Page): Record<string, string | number> {
  const token = call.query.get("continuation-token");
  return {
    KeyCount: page.keys.length + page.folders.length,
    ...(token === undefined ? {} : { ContinuationToken: token }),
    ...(page.last === undefined ? {} : { NextContinuationToken: Buffer.from(page.last).toString("base64") }),
  };
}

function markers(call: S3Call, page: Page, shown: (text: string) => string): Record<string, string> {
  const next = page.last === undefined ? {} : { NextMarker: shown(page.last) };
  return { Marker: shown(call.query.get("marker") ?? ""), ...next };
}

const encodeKey = (text: string): string => encode(text).replaceAll("%2F", "/");

function contentOf(store: ObjectStore, call: S3Call, key: string, shown: (text: string) => string) {
  const object = store.head(call.bucket, key);
  return {
    Key: shown(key),
    LastModified: object.modifiedAt.toISOString(),
    ETag: `"${object.etag}"`,
    Size: object.size,
    StorageClass: "STANDARD",
  };
}
