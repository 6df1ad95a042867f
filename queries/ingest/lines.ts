import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { type Cut, cutOf, dayLength, isAt, isCaller, isEnding } from "./cut.ts";
import type { Span } from "./split.ts";

/**
 * A batch as lines for the engine. Each record's line is tagged with the file's number in the batch, its place in the
 * file, and the numbers of its caller and ending; those two are lines of their own, one for all records that repeat them
 * (a session's calls tell the same caller, 40 % of their bytes). Lines of a day of which there are many are in a file of
 * that day, which the engine writes out as it reads it; all others, and whatever is not of the usual form, in one more.
 */
export class Lines {
  readonly callers: Repeated;
  readonly endings: Repeated;
  readonly others: LineFile;
  readonly #base: string;
  readonly #buffers: Buffer[] = [];
  readonly #days = new Map<string, LineFile>();
  #last: DayFile | null = null;

  constructor(base: string) {
    this.#base = base;
    this.others = new LineFile(`${base}.others.ndjson`, Buffer.allocUnsafe(bufferBytes));
    this.callers = new Repeated(`${base}.callers.ndjson`, '"userIdentity":', "}", isCaller);
    this.endings = new Repeated(`${base}.endings.ndjson`, "", "", isEnding);
  }

  start(): void {
    for (const file of [this.others, this.callers, this.endings]) file.start();
    this.#days.clear();
    this.#last = null;
  }

  /** All is on disk. A day that fits its buffer is not worth a statement of its own: it goes to the others. */
  end(): void {
    for (const [day, file] of this.#days)
      if (file.isBegun) file.end();
      else {
        file.moveTo(this.others);
        this.#days.delete(day);
      }
    for (const file of [this.others, this.callers, this.endings]) file.end();
  }

  discard(): void {
    for (const { path } of [...this.files, this.callers, this.endings]) rmSync(path, { force: true });
  }

  /** Files of one day's lines, by day. */
  get days(): ReadonlyMap<string, { readonly path: string }> {
    return this.#days;
  }

  get files(): readonly { readonly path: string }[] {
    return [...this.#days.values(), this.others];
  }

  /** Bytes of the longest line. */
  get longest(): number {
    return Math.max(...[...this.#days.values(), this.others, this.callers, this.endings].map(({ longest }) => longest));
  }

  /** A record as it stands in its file, without its opening brace. */
  add(file: number, index: number, bytes: Buffer, span: Span): void {
    const cut = cutOf(bytes, span);
    if (cut === null || !this.#addCut(file, index, bytes, cut))
      addRecord(this.others, { file, index, caller: this.#callerIn(bytes, span), ending: none }, bytes, span, "");
  }

  /** A record on a line of its own, and its caller as JSON. */
  addWhole(file: number, index: number, record: { readonly text: string; readonly caller: string }): void {
    const text = Buffer.from(record.text);
    // The tag ends with a comma, so an empty object needs a key.
    const bytes = text.length === 2 ? Buffer.from('{"_":0}') : text;
    const caller = this.callers.keep(Buffer.from(record.caller));
    addRecord(this.others, { file, index, caller, ending: none }, bytes, { start: 1, end: bytes.length }, "");
  }

  #addCut(file: number, index: number, bytes: Buffer, cut: Cut): boolean {
    const caller = this.callers.find(bytes, cut.caller);
    const ending = caller < 0 ? none : this.endings.find(bytes, cut.ending);
    if (ending < 0) return false;
    addRecord(this.#ofDay(bytes, cut.day), { file, index, caller, ending }, bytes, cut.middle, "}");
    return true;
  }

  /** Of a record whose keys are in another order. One that is no JSON has none: its line is not read either. */
  #callerIn(bytes: Buffer, { start, end }: Span): number {
    const caller = callerOf(`{${bytes.toString("utf8", start, end)}`);
    return caller === null ? none : this.callers.keep(Buffer.from(caller));
  }

  /** Records of a file mostly follow each other by day. */
  #ofDay(bytes: Buffer, at: number): LineFile {
    if (this.#last !== null && isAt(bytes, at, this.#last.day)) return this.#last.file;
    const name = bytes.toString("latin1", at, at + dayLength);
    const file = this.#days.get(name) ?? this.#openDay(name);
    this.#last = { day: Buffer.from(name), file };
    return file;
  }

  #openDay(day: string): LineFile {
    if (this.#days.size >= daysMax) return this.others;
    const buffer = this.#buffers[this.#days.size] ?? Buffer.allocUnsafe(bufferBytes);
    this.#buffers[this.#days.size] = buffer;
    const file = new LineFile(`${this.#base}.${day}.ndjson`, buffer);
    this.#days.set(day, file);
    return file;
  }
}

interface DayFile {
  readonly day: Buffer;
  readonly file: LineFile;
}

const daysMax = 8;
const bufferBytes = 1024 * 1024;

// The engine takes the first of two equal keys: ours.
function addRecord(lines: LineFile, tag: Tag, bytes: Buffer, span: Span, last: string): void {
  lines.begin(span.end - span.start);
  lines.text('{"_f":');
  lines.number(tag.file);
  lines.text(',"_i":');
  lines.number(tag.index);
  lines.text(',"_u":');
  lines.number(tag.caller);
  lines.text(',"_t":');
  lines.number(tag.ending);
  lines.text(",");
  lines.copy(bytes, span);
  lines.text(last);
  lines.close();
}

interface Tag {
  readonly file: number;
  readonly index: number;
  readonly caller: number;
  readonly ending: number;
}

/** No such line. */
const none = -1;

function callerOf(record: string): string | null {
  try {
    const parsed: unknown = JSON.parse(record);
    const has = typeof parsed === "object" && parsed !== null && "userIdentity" in parsed;
    return JSON.stringify(has ? parsed.userIdentity : null);
  } catch {
    return null;
  }
}

/** Pieces of records that come again and again, a line each. A piece may get several lines: that costs only itself. */
class Repeated {
  readonly #file: LineFile;
  readonly #key: string;
  readonly #last: string;
  readonly #isWhole: (text: string) => boolean;
  readonly #places = new Int32Array(8_192);
  readonly #kept: Buffer[] = [];

  constructor(path: string, key: string, last: string, isWhole: (text: string) => boolean) {
    this.#file = new LineFile(path, Buffer.allocUnsafe(bufferBytes / 4));
    this.#key = key;
    this.#last = last;
    this.#isWhole = isWhole;
  }

  get path(): string {
    return this.#file.path;
  }

  get longest(): number {
    return this.#file.longest;
  }

  /** Lines so far. */
  get count(): number {
    return this.#kept.length;
  }

  start(): void {
    this.#file.start();
    this.#places.fill(0);
    this.#kept.length = 0;
  }

  end(): void {
    this.#file.end();
  }

  /** The number of the line with this piece, or -1 when it is not what it should be. */
  find(bytes: Buffer, span: Span): number {
    const place = placeOf(bytes, span);
    const known = this.#known(place, bytes, span);
    if (known >= 0) return known;
    return this.#isWhole(bytes.toString("utf8", span.start, span.end)) ? this.#add(place, bytes, span) : none;
  }

  /** The same for a piece that was made here. */
  keep(piece: Buffer): number {
    const span = { start: 0, end: piece.length };
    const place = placeOf(piece, span);
    const known = this.#known(place, piece, span);
    return known >= 0 ? known : this.#add(place, piece, span);
  }

  #known(place: number, bytes: Buffer, { start, end }: Span): number {
    const known = (this.#places[place] ?? 0) - 1;
    return known >= 0 && this.#kept[known]?.compare(bytes, start, end) === 0 ? known : none;
  }

  #add(place: number, bytes: Buffer, span: Span): number {
    const number = this.#kept.length;
    this.#kept.push(Buffer.from(bytes.subarray(span.start, span.end)));
    this.#places[place] = number + 1;
    this.#file.begin(span.end - span.start);
    this.#file.text('{"_n":');
    this.#file.number(number);
    this.#file.text(`,${this.#key}`);
    this.#file.copy(bytes, span);
    this.#file.text(this.#last);
    this.#file.close();
    return number;
  }
}

/** Of every fifth byte: two pieces of one place only push each other out. */
function placeOf(bytes: Buffer, { start, end }: Span): number {
  let hash = end - start;
  for (let at = start; at < end; at += 5) hash = Math.imul(hash, 31) + (bytes[at] ?? 0);
  return ((hash >>> 13) ^ hash) & 8_191;
}

/** Lines to one file, written by parts. It is there once it is written to, or started. */
class LineFile {
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
