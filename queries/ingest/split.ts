import { closeSync, openSync, writeSync } from "node:fs";

/**
 * Cuts a file as CloudTrail writes it into records, one a line, without parsing: some 8 GB/s against JSON.parse's
 * 0.4 (facts/engine.md §2). Anything not exactly of that form answers null and takes the careful road
 * (queries/ingest/records.ts). A cut in the wrong place cannot hide: the halves are no JSON, so the counts differ.
 */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const head = Buffer.from('{"Records":[{"eventVersion"');
const between = Buffer.from('},{"eventVersion"');
const recordsStart = '{"Records":['.length;
const [brace, bracket, newline] = [0x7d, 0x5d, 0x0a];

/** Where each record is, without its opening brace: `"eventVersion":…}`. */
export function splitFast(bytes: Buffer): Span[] | null {
  if (bytes.length < head.length || bytes.compare(head, 0, head.length, 0, head.length) !== 0) return null;
  const end = lastRecordEnd(bytes);
  if (end === null) return null;
  const spans: Span[] = [];
  let start = recordsStart + 1;
  for (let at = bytes.indexOf(between, start); at >= 0; at = bytes.indexOf(between, start)) {
    spans.push({ start, end: at + 1 });
    start = at + 3;
  }
  spans.push({ start, end });
  // A line break between tokens would end the line early.
  return bytes.indexOf(newline, recordsStart) < 0 || bytes.indexOf(newline, recordsStart) >= end ? spans : null;
}

/** Just behind the last record's brace, when the file ends `}]}` as it must. */
function lastRecordEnd(bytes: Buffer): number | null {
  let at = bytes.length - 1;
  const skipBlank = (): void => {
    while (at > 0 && (bytes[at] ?? 0) <= 0x20) at -= 1;
  };
  skipBlank();
  if (bytes[at] !== brace) return null;
  at -= 1;
  skipBlank();
  if (bytes[at] !== bracket || bytes[at - 1] !== brace) return null;
  return at;
}

/** Lines for the engine, tagged with the file's number in the batch and the record's in the file; on disk by parts. */
export class Lines {
  readonly #file: string;
  readonly #buffer = Buffer.allocUnsafe(1024 * 1024);
  #opened: number | null = null;
  #length = 0;
  #longest = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Bytes of the longest line. */
  get longest(): number {
    return this.#longest;
  }

  start(): void {
    this.end();
    this.#opened = openSync(this.#file, "w", 0o600);
    this.#length = 0;
    this.#longest = 0;
  }

  /** `{"_f":3,"_i":7,` + the record without its opening brace. The engine takes the first of two equal keys: ours. */
  add(file: number, index: number, source: Buffer, span: Span): void {
    const size = span.end - span.start;
    const longest = size + tagMax + 1;
    if (longest > this.#longest) this.#longest = longest;
    if (this.#length + longest > this.#buffer.length) this.#flush();
    this.#text(fileTag);
    this.#number(file);
    this.#text(indexTag);
    this.#number(index);
    this.#byte(comma);
    if (this.#length + size + 1 > this.#buffer.length) {
      this.#flush();
      this.#write(source.subarray(span.start, span.end));
    } else this.#length += source.copy(this.#buffer, this.#length, span.start, span.end);
    this.#byte(newline);
  }

  /** All is on disk. */
  end(): void {
    if (this.#opened === null) return;
    this.#flush();
    closeSync(this.#opened);
    this.#opened = null;
  }

  // A dozen bytes a line: by hand, as a call of Buffer costs as much as all of them.
  #text(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 1) this.#byte(bytes[at] ?? 0);
  }

  #number(value: number): void {
    if (value > 9) this.#number(Math.floor(value / 10));
    this.#byte(zero + (value % 10));
  }

  #byte(byte: number): void {
    this.#buffer[this.#length] = byte;
    this.#length += 1;
  }

  #flush(): void {
    this.#write(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
  }

  #write(bytes: Uint8Array): void {
    if (this.#opened === null) throw new Error("lines are added before their start");
    for (let from = 0; from < bytes.length; ) from += writeSync(this.#opened, bytes, from);
  }
}

const fileTag = Buffer.from('{"_f":');
const indexTag = Buffer.from(',"_i":');
const [comma, zero] = [0x2c, 0x30];
/** Both numbers have at most sixteen digits. */
const tagMax = fileTag.length + indexTag.length + 2 * 16 + 1;
