import { type KeyObject, randomBytes } from "node:crypto";

/**
 * ECDSA on P-256 over a given digest, answered in DER, as KMS does it. Node's crypto only signs messages, which it hashes
 * itself. For tests: it is not constant in time.
 */
export function signDigest(key: KeyObject, digest: Buffer): Buffer {
  const d = BigInt(`0x${Buffer.from(key.export({ format: "jwk" }).d ?? "", "base64url").toString("hex")}`);
  const k = (BigInt(`0x${randomBytes(40).toString("hex")}`) % (n - 1n)) + 1n;
  const r = times(k).x % n;
  const s = modulo(inverse(k, n) * (BigInt(`0x${digest.toString("hex")}`) + r * d), n);
  const body = Buffer.concat([derInteger(r), derInteger(s)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

/** As short as it can be, and with a zero before a high bit, or it would be negative. */
export function derInteger(value: bigint): Buffer {
  const text = value.toString(16);
  const bytes = Buffer.from(text.padStart(text.length + (text.length % 2), "0"), "hex");
  const whole = (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return Buffer.concat([Buffer.from([0x02, whole.length]), whole]);
}

const p = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
interface Point {
  readonly x: bigint;
  readonly y: bigint;
}
const base: Point = {
  x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
};

const modulo = (value: bigint, by: bigint): bigint => ((value % by) + by) % by;

function inverse(value: bigint, by: bigint): bigint {
  let [a, b, x, y] = [modulo(value, by), by, 1n, 0n];
  while (a > 1n) [a, b, x, y] = [b % a, a, y - (b / a) * x, x];
  return modulo(x, by);
}

function times(factor: bigint): Point {
  let sum: Point | undefined;
  for (let [left, point] = [factor, base]; left > 0n; left >>= 1n, point = plus(point, point))
    if (left & 1n) sum = sum === undefined ? point : plus(sum, point);
  return sum ?? base;
}

function plus(a: Point, b: Point): Point {
  const slope = a.x === b.x ? (3n * a.x * a.x - 3n) * inverse(2n * a.y, p) : (b.y - a.y) * inverse(b.x - a.x, p);
  const x = modulo(slope * slope - a.x - b.x, p);
  return { x, y: modulo(slope * (a.x - x) - a.y, p) };
}
