import { gunzipSync } from "node:zlib";
import { type Lines, recordsMax } from "./lines.ts";
import { recordsOf, Unreadable } from "./records.ts";
import { startsOf } from "./split.ts";
import type { StagedFile } from "./stage.ts";

/** CloudTrail's files hold at most 50 MB packed; what unpacks to more than this is no log file. */
const unpackedMax = 512 * 1024 * 1024;

/** CloudTrail's records hold at most 256 kB; the engine takes lines up to 16 MB. */
const recordMax = 15 * 1024 * 1024;

const isShort = (starts: readonly number[]): boolean =>
  starts.every((start, index) => start - (starts[index - 1] ?? start) <= recordMax);

interface Asked {
  readonly key: string;
  /** Its number in the batch. */
  readonly number: number;
  readonly isCareful: boolean;
}

/** Adds one file's records to the lines. A file that cannot be read says why; it never throws for one. */
export async function openFile(
  read: Promise<Buffer>,
  { key, number, isCareful }: Asked,
  lines: Lines,
): Promise<Opened> {
  const opened = new Opened(key, number);
  try {
    opened.add(unpacked(await read), lines, isCareful);
  } catch (error) {
    opened.unreadable = reasonOf(error);
  }
  return opened;
}

/** What became of one file's records so far. */
export class Opened {
  readonly #rejected = new Map<string, number>();
  readonly key: string;
  /** Its number in the batch. */
  readonly number: number;
  unreadable: string | null = null;
  isFast = false;
  /** Records handed to the engine. */
  lines = 0;

  constructor(key: string, number: number) {
    this.key = key;
    this.number = number;
  }

  add(bytes: Buffer, lines: Lines, isCareful: boolean): void {
    const starts = isCareful ? null : startsOf(bytes);
    this.isFast = starts !== null && starts.length <= recordsMax && isShort(starts);
    if (starts === null || !this.isFast) this.#addEach(bytes, lines);
    else {
      lines.add(this.number, bytes, starts);
      this.lines = starts.length - 1;
    }
  }

  #addEach(bytes: Buffer, lines: Lines): void {
    const records = new Map<number, string>();
    for (const [index, record] of recordsOf(bytes).records.entries()) {
      if (typeof record !== "string") this.reject(record.reason, 1);
      else if (Buffer.byteLength(record) > recordMax) this.reject("over 15 MB", 1);
      else records.set(index, record);
    }
    lines.addEach(this.number, records);
    this.lines = records.size;
  }

  reject(reason: string, records: number): void {
    this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + records);
  }

  /** The numbers add up whatever happened: a record neither loaded nor rejected with a reason could not be read. */
  staged(loaded: number): StagedFile {
    const { key } = this;
    if (this.unreadable !== null) return { key, state: "unreadable", reason: this.unreadable, records: 0, rejected: 0 };
    const explained = [...this.#rejected].filter(([reason]) => reason === "no eventID" || reason === "no time");
    const lost = this.lines - loaded - explained.reduce((sum, [, records]) => sum + records, 0);
    if (lost > 0) this.reject("not readable", lost);
    const rejected = [...this.#rejected.values()].reduce((sum, records) => sum + records, 0);
    return {
      key,
      state: loaded + rejected === 0 ? "empty" : "loaded",
      reason: rejected === 0 ? null : [...this.#rejected].map(sentenceOf).join(", "),
      records: loaded,
      rejected,
    };
  }
}

const sentenceOf = ([reason, records]: [string, number]): string =>
  `${records} ${records === 1 ? "record" : "records"}: ${reason}`;

function unpacked(bytes: Buffer): Buffer {
  if (bytes.length === 0) throw new Unreadable("it has no bytes");
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  // gunzipSync checks the CRC, which DuckDB does not (facts/engine.md §3).
  return gunzipSync(bytes, { maxOutputLength: unpackedMax, chunkSize: chunkOf(bytes) });
}

/**
 * A gzip ends with its size modulo 2^32: room for all of it at once spares a third of the time. It is a claim, so it is
 * held between what is always right and what costs nothing.
 */
function chunkOf(bytes: Buffer): number {
  const claimed = bytes.length < 4 ? 0 : bytes.readUInt32LE(bytes.length - 4) + 1;
  // Deflate packs at most 1,032 to one.
  return Math.max(64 * 1024, Math.min(claimed, bytes.length * 1_032, 32 * 1024 * 1024));
}

const zlibReasons: Readonly<Record<string, string>> = {
  Z_BUF_ERROR: "the gzip is cut short",
  Z_DATA_ERROR: "the gzip is damaged",
  ERR_BUFFER_TOO_LARGE: "it unpacks to over 512 MB",
  ENOENT: "it is gone",
  EACCES: "it may not be read",
  NoSuchKey: "it is gone",
  AccessDenied: "it may not be read",
};

function reasonOf(error: unknown): string {
  if (error instanceof Unreadable) return error.message;
  if (!(error instanceof Error)) return "it cannot be read";
  if (/incorrect data check/.test(error.message)) return "the gzip's checksum is wrong";
  const code = "code" in error ? String(error.code) : error.name;
  return zlibReasons[code] ?? `it cannot be read (${code})`;
}
