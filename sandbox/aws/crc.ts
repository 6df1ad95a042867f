/**
 * CRC-32C (Castagnoli, RFC 3720 §B.4) and CRC-64/NVME, which S3 takes as checksums and Node lacks: both reflected, all ones
 * at the start and at the end. Base64 of the big-endian bytes, as S3's headers have it.
 */
export function crc32c(body: Uint8Array): string {
  let crc = 0xffff_ffff;
  for (const byte of body) crc = (crc >>> 8) ^ (castagnoli[(crc ^ byte) & 0xff] ?? 0);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE((crc ^ 0xffff_ffff) >>> 0);
  return bytes.toString("base64");
}

/** In two halves of 32 bits: BigInt would take seconds for a body of some megabytes. */
export function crc64nvme(body: Uint8Array): string {
  let [high, low] = [0xffff_ffff, 0xffff_ffff];
  for (const byte of body) {
    const at = (low ^ byte) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (nvmeLow[at] ?? 0);
    high = (high >>> 8) ^ (nvmeHigh[at] ?? 0);
  }
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(~high >>> 0, 0);
  bytes.writeUInt32BE(~low >>> 0, 4);
  return bytes.toString("base64");
}

/** The remainder of each byte value, bit by bit; `polynomial` is reflected. */
function remainders(polynomial: bigint): readonly bigint[] {
  return Array.from({ length: 256 }, (_, value) => {
    let rest = BigInt(value);
    for (let bit = 0; bit < 8; bit += 1) rest = rest & 1n ? (rest >> 1n) ^ polynomial : rest >> 1n;
    return rest;
  });
}

const castagnoli = Uint32Array.from(remainders(0x82f6_3b78n), Number);
const nvme = remainders(0x9a6c_9329_ac4b_c9b5n);
const nvmeHigh = Uint32Array.from(nvme, (rest) => Number(rest >> 32n));
const nvmeLow = Uint32Array.from(nvme, (rest) => Number(rest & 0xffff_ffffn));
