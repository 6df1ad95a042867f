import { expect, test } from "vitest";
import type { AwsRequest } from "#/sandbox/aws/call.ts";
import { unchunked } from "#/sandbox/aws/chunked.ts";
import { crc32c, crc64nvme } from "#/sandbox/aws/crc.ts";
import type { Claim } from "#/sandbox/aws/sigv4.ts";

const hex = (base64: string): string => Buffer.from(base64, "base64").toString("hex");

test("both give the check values that their catalogues print for 123456789, and zero for nothing", () => {
  const nine = Buffer.from("123456789");
  expect(hex(crc32c(nine))).toBe("e3069283");
  expect(hex(crc64nvme(nine))).toBe("ae8b14860a799888");
  expect(hex(crc32c(Buffer.alloc(0)))).toBe("00000000");
  expect(hex(crc64nvme(Buffer.alloc(0)))).toBe("0000000000000000");
  // RFC 3720 §B.4: 32 bytes of zeroes, in its own (little-endian) order aa 36 91 8a.
  expect(hex(crc32c(Buffer.alloc(32)))).toBe("8a9136aa");
});

const body = Buffer.from("a trail file");
const claim = (payloadHash: string): Claim => ({
  accessKeyId: "AKIAEXAMPLE",
  scope: { date: "20261121", region: "eu-central-1", service: "s3" },
  at: "20261121T093000Z",
  signedHeaders: [],
  signature: "",
  payloadHash,
  query: [],
  pathname: "/bucket/key",
});
const request = (headers: Record<string, string>, sent: Buffer): AwsRequest => ({
  method: "PUT",
  path: "/bucket/key",
  headers,
  body: sent,
  ip: "127.0.0.1",
  host: "127.0.0.1",
});
const inChunks = (name: string, value: string): Buffer =>
  Buffer.from(`${body.length.toString(16)}\r\n${body}\r\n0\r\n${name}:${value}\r\n\r\n`);

test.each([
  ["x-amz-checksum-crc32c", crc32c(body)],
  ["x-amz-checksum-crc64nvme", crc64nvme(body)],
])(
  "an upload whose %s does not fit is refused, in a header and in a trailer; one that fits is taken",
  (name, right) => {
    const wrong = Buffer.from(Buffer.from(right, "base64").map((byte) => byte ^ 1)).toString("base64");
    const plain = (value: string) => unchunked(request({ [name]: value }, body), claim("UNSIGNED-PAYLOAD"), "");
    const streamed = (value: string) =>
      unchunked(request({}, inChunks(name, value)), claim("STREAMING-UNSIGNED-PAYLOAD-TRAILER"), "");
    for (const upload of [plain, streamed]) {
      expect(Buffer.from(upload(right).body)).toEqual(body);
      expect(() => upload(wrong)).toThrow("did not match the calculated checksum");
    }
  },
);
