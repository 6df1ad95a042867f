import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { AwsError, type AwsRequest } from "./call.ts";
import { canonicalQuery, canonicalUri, type Query, splitPath } from "./uri.ts";

/** What a SigV4 signature claims, by header or presigned query. Nothing here is proven yet. */
export interface Claim {
  readonly accessKeyId: string;
  readonly scope: Scope;
  /** `20261121T093000Z` */
  readonly at: string;
  /** Seconds a presigned URL is good for. */
  readonly expiresIn?: number;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly token?: string;
  readonly payloadHash: string;
  readonly query: Query;
  readonly pathname: string;
}

export interface Scope {
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

/** Reads the claim; undefined when the request is not signed at all. @throws AwsError IncompleteSignature. */
export function claimOf(request: AwsRequest): Claim | undefined {
  const { pathname, query } = splitPath(request.path);
  const authorization = request.headers["authorization"];
  if (authorization !== undefined) return headerClaim(request, authorization, pathname, query);
  if (query.some(([name]) => name === "X-Amz-Signature" || name === "X-Amz-Algorithm"))
    return presignedClaim(pathname, query);
  return undefined;
}

/**
 * Signs again with the secret and compares in constant time; then the time: 15 minutes either way, or a presigned URL's
 * own validity. @throws AwsError SignatureDoesNotMatch, RequestTimeTooSkewed, AccessDenied (presigned, expired), …
 */
export function verifySignature(request: AwsRequest, claim: Claim, secret: string, now: Date): void {
  checkTime(claim, now);
  const wanted = hmac(signingKey(secret, claim.scope), stringToSign(request, claim)).toString("hex");
  if (!sameText(wanted, claim.signature)) throw new AwsError("SignatureDoesNotMatch", mismatch, 403);
  checkPayload(request, claim);
}

/** Key of the day, for the chunks of a streamed body as well. */
export function signingKey(secret: string, scope: Scope): Buffer {
  const name = `${secret}\n${scope.date}\n${scope.region}\n${scope.service}`;
  const known = signingKeys.get(name);
  if (known !== undefined) return known;
  const day = hmac(`AWS4${secret}`, scope.date);
  const key = hmac(hmac(hmac(day, scope.region), scope.service), "aws4_request");
  if (signingKeys.size >= signingKeysMax) signingKeys.clear();
  signingKeys.set(name, key);
  return key;
}

export const scopeText = (scope: Scope): string => `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
export const sha256Hex = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
export const hmac = (key: string | Uint8Array, text: string): Buffer => createHmac("sha256", key).update(text).digest();

export function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

export const unsignedPayload = "UNSIGNED-PAYLOAD";
export const isStreaming = (payloadHash: string): boolean => payloadHash.startsWith("STREAMING-");

const skewSecondsMax = 900;
const presignedSecondsMax = 604_800;
// Derived keys are the same for a day of one key, region and service: worth keeping, cheap to lose.
const signingKeysMax = 4_096;
const signingKeys = new Map<string, Buffer>();

const mismatch =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

function headerClaim(request: AwsRequest, authorization: string, pathname: string, query: Query): Claim {
  const parts = /^AWS4-HMAC-SHA256\s+(.*)$/s.exec(authorization)?.[1];
  if (parts === undefined) throw incomplete("Authorization header requires an AWS4-HMAC-SHA256 signature.");
  const fields = new Map(parts.split(",").map((part) => fieldOf(part)));
  const at = request.headers["x-amz-date"] ?? isoOfHttpDate(request.headers["date"]);
  if (at === undefined)
    throw incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  const token = request.headers["x-amz-security-token"];
  return {
    ...credentialOf(required(fields, "Credential")),
    at,
    signedHeaders: required(fields, "SignedHeaders").toLowerCase().split(";"),
    signature: required(fields, "Signature"),
    ...(token === undefined ? {} : { token }),
    payloadHash: request.headers["x-amz-content-sha256"] ?? sha256Hex(request.body),
    query,
    pathname,
  };
}

function presignedClaim(pathname: string, query: Query): Claim {
  const fields = new Map(query);
  const token = fields.get("X-Amz-Security-Token");
  const expiresIn = Number(required(fields, "X-Amz-Expires", "604800"));
  if (fields.get("X-Amz-Algorithm") !== "AWS4-HMAC-SHA256")
    throw incomplete("X-Amz-Algorithm only supports AWS4-HMAC-SHA256.");
  if (!Number.isInteger(expiresIn) || expiresIn < 0 || expiresIn > presignedSecondsMax)
    throw new AwsError(
      "AuthorizationQueryParametersError",
      "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
    );
  const credential = credentialOf(required(fields, "X-Amz-Credential"));
  return {
    ...credential,
    at: required(fields, "X-Amz-Date"),
    expiresIn,
    signedHeaders: required(fields, "X-Amz-SignedHeaders").toLowerCase().split(";"),
    signature: required(fields, "X-Amz-Signature"),
    ...(token === undefined ? {} : { token }),
    payloadHash:
      credential.scope.service === "s3" ? (fields.get("X-Amz-Content-Sha256") ?? unsignedPayload) : sha256Hex(""),
    query: query.filter(([name]) => name !== "X-Amz-Signature"),
    pathname,
  };
}

function credentialOf(text: string): { accessKeyId: string; scope: Scope } {
  const parts = text.split("/");
  const [date, region, service, last] = parts.slice(-4);
  const accessKeyId = parts.slice(0, -4).join("/");
  if (
    accessKeyId === "" ||
    date === undefined ||
    region === undefined ||
    service === undefined ||
    last !== "aws4_request"
  )
    throw incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.");
  return { accessKeyId, scope: { date, region, service } };
}

function fieldOf(part: string): [string, string] {
  const at = part.indexOf("=");
  return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
}

function required(fields: ReadonlyMap<string, string>, name: string, otherwise?: string): string {
  const value = fields.get(name) ?? otherwise;
  if (value === undefined || value === "") throw incomplete(`Authorization header requires '${name}' parameter.`);
  return value;
}

const incomplete = (message: string): AwsError => new AwsError("IncompleteSignature", message, 403);

function stringToSign(request: AwsRequest, claim: Claim): string {
  if (!claim.signedHeaders.includes("host"))
    throw new AwsError("SignatureDoesNotMatch", "'Host' must be a 'SignedHeader' in the AWS Authorization.", 403);
  const headers = claim.signedHeaders.map((name) => `${name}:${headerValue(request, name)}\n`).join("");
  const canonical = [
    request.method,
    canonicalUri(claim.pathname, claim.scope.service === "s3"),
    canonicalQuery(claim.query),
    headers,
    claim.signedHeaders.join(";"),
    claim.payloadHash,
  ].join("\n");
  return `AWS4-HMAC-SHA256\n${claim.at}\n${scopeText(claim.scope)}\n${sha256Hex(canonical)}`;
}

const headerValue = (request: AwsRequest, name: string): string =>
  (name === "host" ? request.host : (request.headers[name] ?? "")).trim().replace(/ +/g, " ");

function checkTime(claim: Claim, now: Date): void {
  const signedAt = secondsOf(claim.at);
  if (signedAt === undefined || claim.at.slice(0, 8) !== claim.scope.date)
    throw new AwsError(
      "SignatureDoesNotMatch",
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.",
      403,
    );
  const seconds = now.getTime() / 1000;
  if (claim.expiresIn !== undefined && seconds <= signedAt + claim.expiresIn && signedAt <= seconds + skewSecondsMax)
    return;
  if (claim.expiresIn !== undefined) throw new AwsError("AccessDenied", "Request has expired", 403);
  if (Math.abs(seconds - signedAt) <= skewSecondsMax) return;
  throw skewed(claim, signedAt, seconds, now);
}

/** S3 has a code of its own for a wrong clock; the others call it a signature that expired or is not yet current. */
function skewed(claim: Claim, signedAt: number, seconds: number, now: Date): AwsError {
  if (claim.scope.service === "s3")
    return new AwsError(
      "RequestTimeTooSkewed",
      "The difference between the request time and the current time is too large.",
      403,
    );
  const limit = basicTime(new Date((seconds + (signedAt < seconds ? -1 : 1) * skewSecondsMax) * 1000));
  const message =
    signedAt < seconds
      ? `Signature expired: ${claim.at} is now earlier than ${limit} (${basicTime(now)} - 15 min.)`
      : `Signature not yet current: ${claim.at} is still later than ${limit} (${basicTime(now)} + 15 min.)`;
  return new AwsError("SignatureDoesNotMatch", message, 403);
}

/** A body whose hash was signed must be that body; streamed and unsigned ones are checked where they are read. */
function checkPayload(request: AwsRequest, claim: Claim): void {
  if (claim.payloadHash === unsignedPayload || isStreaming(claim.payloadHash)) return;
  if (claim.expiresIn !== undefined && claim.scope.service !== "s3") return;
  if (sameText(claim.payloadHash, sha256Hex(request.body))) return;
  throw claim.scope.service === "s3"
    ? new AwsError(
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      )
    : new AwsError("SignatureDoesNotMatch", mismatch, 403);
}

/** `20261121T093000Z` */
export const basicTime = (at: Date): string => `${at.toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;

function secondsOf(basic: string): number | undefined {
  const parts = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(basic);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) ? undefined : at / 1000;
}

function isoOfHttpDate(text: string | undefined): string | undefined {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? undefined : basicTime(new Date(at));
}
