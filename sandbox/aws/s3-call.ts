import { AwsError, type AwsReply, type Call, type JsonObject } from "./call.ts";
import { bucketNamed } from "./find.ts";
import type { Account, Bucket } from "./state.ts";
import { decode, splitPath } from "./uri.ts";

/** A call on S3 in path style, its bucket known. */
export interface S3Call {
  readonly call: Call;
  readonly bucket: string;
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: Readonly<Record<string, string>>;
  readonly owner: Account;
  readonly kept: Bucket;
  /** @throws AwsError AccessDenied. Bucket policy, identity policies and account borders all count. */
  authorizeBucket(action: string, context?: Record<string, string>): void;
  authorizeObject(action: string, key?: string): void;
  /** Would the caller be allowed to list? Decides between 404 and 403 for a missing object. */
  mayList(): boolean;
  answer(body: string | Uint8Array, headers?: Record<string, string>, status?: number): AwsReply;
}

export interface S3Path {
  readonly bucket: string;
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
}

export function pathOf(call: Call): S3Path {
  const { pathname, query } = splitPath(call.request.path);
  const [, bucket = "", ...rest] = pathname.split("/");
  return { bucket: decode(bucket), key: decode(rest.join("/")), query: new Map(query) };
}

/** @throws AwsError NoSuchBucket. */
export function onBucket(call: Call, place: S3Path): S3Call {
  const found = bucketNamed(call.organisation, place.bucket);
  if (found === undefined) throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
  const { account: owner, bucket: kept } = found;
  const bucketArn = `arn:aws:s3:::${place.bucket}`;
  const policy = kept.policy === undefined ? {} : { resourcePolicy: kept.policy };
  const about = { resourceAccount: owner.id, ...policy };
  const authorizeBucket = (action: string, context: Record<string, string> = {}): void =>
    call.authorize({ ...about, action, resource: bucketArn, context });
  return {
    ...place,
    call,
    owner,
    kept,
    headers: call.request.headers,
    authorizeBucket,
    authorizeObject: (action, key = place.key) => call.authorize({ ...about, action, resource: `${bucketArn}/${key}` }),
    mayList: () => allows(() => authorizeBucket("s3:ListBucket")),
    answer: reply,
  };
}

export function reply(body: string | Uint8Array, headers: Record<string, string> = {}, status = 200): AwsReply {
  const type = typeof body === "string" && body !== "" ? { "content-type": "application/xml" } : {};
  return { status, headers: { ...type, ...headers }, body };
}

function allows(ask: () => void): boolean {
  try {
    ask();
    return true;
  } catch (error) {
    if (error instanceof AwsError) return false;
    throw error;
  }
}

/** What CloudTrail shows of a request to S3: the bucket, the key, the host and the query's own words. */
export function recordS3(call: Call, place: S3Path, owner: Account | undefined, isObject: boolean): void {
  const { trace } = call;
  trace.requestParameters = requestParametersOf(call, place);
  const presigned = call.request.headers["authorization"] === undefined;
  trace.additionalEventData = {
    SignatureVersion: "SigV4",
    AuthenticationMethod: presigned ? "QueryString" : "AuthHeader",
    bytesTransferredIn: call.request.body.length,
  };
  if (owner === undefined) return;
  trace.owner = owner.id;
  const bucketArn = `arn:aws:s3:::${place.bucket}`;
  const object = { type: "AWS::S3::Object", ARN: `${bucketArn}/${place.key}` };
  trace.resources = [...(isObject ? [object] : []), { accountId: owner.id, type: "AWS::S3::Bucket", ARN: bucketArn }];
}

function requestParametersOf(call: Call, place: S3Path): JsonObject {
  const query = [...place.query].filter(([name]) => !name.startsWith("X-Amz-"));
  return {
    ...(place.bucket === "" ? {} : { bucketName: place.bucket }),
    Host: call.request.host,
    ...(place.key === "" ? {} : { key: place.key }),
    ...Object.fromEntries(query),
  };
}
