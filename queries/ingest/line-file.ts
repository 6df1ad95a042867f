import { closeSync, openSync, writeSync } from "node:fs";
import type { Span } from "./split.ts";

/** Lines to one file, written by parts. It is there once it is written to, or started. */
export class LineFile {
  readonly path: string;
  readonly #buffer: Buffer;
  #opened: number | null = null;
  #length = 0;
  #longest = 0;

  constructor(path: string, buffer: Buffer) {
    this.path = path;
    this.#buffer = buffer;
  }

  get longest(): number {
    return this.#longest;
  }

  /** Something is on disk. */
  get isBegun(): boolean {
    return this.#opened !== null;
  }

  start(): void {
    this.end();
    this.#open();
    this.#length = 0;
    this.#longest = 0;
  }

  end(): void {
    if (this.#opened === null) return;
    this.#flush();
    closeSync(this.#opened);
    this.#opened = null;
  }

  /** What is not on disk yet goes to another file instead. */
  moveTo(other: LineFile): void {
    other.begin(this.#length);
    other.copy(this.#buffer, { start: 0, end: this.#length });
    other.#longest = Math.max(other.#longest, this.#longest);
    this.#length = 0;
  }

  /** Makes room for a line around that many bytes. */
  begin(size: number): void {
    if (size + aroundMax > this.#longest) this.#longest = size + aroundMax;
    if (this.#length + size + aroundMax > this.#buffer.length) this.#flush();
  }

  /** ASCII, a dozen bytes: by hand, as a call of Buffer costs as much as all of them. */
  text(text: string): void {
    for (let at = 0; at < text.length; at += 1) this.#byte(text.charCodeAt(at));
  }

  number(value: number): void {
    if (value < 0) {
      this.text("-");
      this.number(-value);
      return;
    }
    if (value > 9) this.number(Math.floor(value / 10));
    this.#byte(zero + (value % 10));
  }

  copy(bytes: Buffer, span: Span): void {
    if (this.#length + (span.end - span.start) + aroundMax > this.#buffer.length) {
      this.#flush();
      this.#write(bytes.subarray(span.start, span.end));
    } else this.#length += bytes.copy(this.#buffer, this.#length, span.start, span.end);
  }

  close(): void {
    this.#byte(newline);
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
    const file = this.#opened ?? this.#open();
    for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from);
  }

  #open(): number {
    this.#opened = openSync(this.path, "w", 0o600);
    return this.#opened;
  }
}

const [newline, zero] = [0x0a, 0x30];
/** Tags and keys around a record: four numbers of at most sixteen digits, and less than eighty other bytes. */
const aroundMax = 4 * 16 + 80;
