import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { AwsError, type AwsRequest } from "./call.ts";
import { crc32c, crc64nvme } from "./crc.ts";
import { type Claim, hmac, isStreaming, sameText, scopeText, sha256Hex, signingKey } from "./sigv4.ts";

/**
 * The request with its `aws-chunked` body put together (S3 uploads as SDKs stream them): chunk signatures and checksums,
 * in a trailer or a header, are checked. Other bodies pass as they are. @throws AwsError SignatureDoesNotMatch, IncompleteBody, BadDigest.
 */
export function unchunked(request: AwsRequest, claim: Claim, secret: string): AwsRequest {
  if (!isStreaming(claim.payloadHash)) {
    // The checksum of a whole body is a header. (On the completion of parts it is the object's, which is not here.)
    if (request.method === "PUT") checkDigests(Object.entries(request.headers), Buffer.from(request.body));
    return request;
  }
  const { chunks, trailer } = chunksOf(Buffer.from(request.body));
  if (claim.payloadHash.startsWith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"))
    checkSignatures(chunks, trailer, claim, secret);
  const body = Buffer.concat(chunks.map((chunk) => chunk.bytes));
  const wanted = request.headers["x-amz-decoded-content-length"];
  if (wanted !== undefined && Number(wanted) !== body.length) throw incomplete();
  checkDigests(trailer.fields, body);
  return { ...request, body };
}

interface Chunk {
  readonly bytes: Buffer;
  readonly signature: string | undefined;
}

interface Trailer {
  readonly fields: readonly (readonly [string, string])[];
}

const incomplete = (): AwsError =>
  new AwsError(
    "IncompleteBody",
    "You did not provide the number of bytes specified by the Content-Length HTTP header.",
  );

function chunksOf(body: Buffer): { chunks: Chunk[]; trailer: Trailer } {
  const chunks: Chunk[] = [];
  let at = 0;
  for (;;) {
    const end = body.indexOf("\r\n", at);
    if (end === -1) throw incomplete();
    const [size, ...extensions] = body.subarray(at, end).toString("latin1").split(";");
    const length = /^[0-9a-f]{1,8}$/i.test(size ?? "") ? Number.parseInt(size ?? "", 16) : Number.NaN;
    if (Number.isNaN(length) || end + 2 + length > body.length) throw incomplete();
    const signature = extensions.find((one) => one.startsWith("chunk-signature="))?.slice("chunk-signature=".length);
    chunks.push({ bytes: body.subarray(end + 2, end + 2 + length), signature });
    at = end + 2 + length;
    if (length === 0) return { chunks, trailer: trailerOf(body.subarray(at)) };
    at += 2;
  }
}

function trailerOf(rest: Buffer): Trailer {
  const lines = rest
    .toString("latin1")
    .split(/\r?\n/)
    .filter((line) => line.includes(":"));
  const fields = lines.map((line) => {
    const at = line.indexOf(":");
    return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()] as const;
  });
  return { fields };
}

/** Each chunk signs the one before it, the first the request's own signature; the trailer closes the chain. */
function checkSignatures(chunks: readonly Chunk[], trailer: Trailer, claim: Claim, secret: string): void {
  const key = signingKey(secret, claim.scope);
  let previous = claim.signature;
  const expect = (kind: string, parts: string, given: string | undefined): void => {
    const text = `AWS4-HMAC-SHA256-${kind}\n${claim.at}\n${scopeText(claim.scope)}\n${previous}\n${parts}`;
    const wanted = hmac(key, text).toString("hex");
    if (given === undefined || !sameText(wanted, given))
      throw new AwsError(
        "SignatureDoesNotMatch",
        "The chunk signature we calculated does not match the one you provided.",
        403,
      );
    previous = wanted;
  };
  for (const { bytes, signature } of chunks) expect("PAYLOAD", `${sha256Hex("")}\n${sha256Hex(bytes)}`, signature);
  if (!claim.payloadHash.endsWith("-TRAILER")) return;
  const signed = trailer.fields.filter(([name]) => name !== "x-amz-trailer-signature");
  const given = trailer.fields.find(([name]) => name === "x-amz-trailer-signature")?.[1];
  expect("TRAILER", sha256Hex(signed.map(([name, value]) => `${name}:${value}\n`).join("")), given);
}

/** All five that S3 knows are compared. */
function checkDigests(fields: readonly (readonly [string, string | undefined])[], body: Buffer): void {
  for (const [name, value] of fields) {
    const wanted = checksums[name]?.(body);
    if (wanted !== undefined && wanted !== value)
      throw new AwsError(
        "BadDigest",
        `The ${name.replace("x-amz-checksum-", "").toUpperCase()} you specified did not match the calculated checksum.`,
      );
  }
}

const checksums: Readonly<Record<string, (body: Buffer) => string>> = {
  "x-amz-checksum-crc32": (body) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(body));
    return bytes.toString("base64");
  },
  "x-amz-checksum-crc32c": crc32c,
  "x-amz-checksum-crc64nvme": crc64nvme,
  "x-amz-checksum-sha1": (body) => createHash("sha1").update(body).digest("base64"),
  "x-amz-checksum-sha256": (body) => createHash("sha256").update(body).digest("base64"),
};
