import { rmSync } from "node:fs";
import { type Cut, cutOf, dayLength, isAt, isCaller, isEnding } from "./cut.ts";
import { LineFile } from "./line-file.ts";
import type { Span } from "./split.ts";

/**
 * A batch as lines for the engine. Each record's line is tagged with the file's number in the batch, its place in the
 * file, and the numbers of its caller and ending; those two are lines of their own, one for all records that repeat them
 * (a session's calls tell the same caller, 40 % of their bytes). Lines of a day of which there are many are in a file of
 * that day, which the engine writes out as it reads it; all others, and whatever is not of the usual form, in one more.
 * Records that may have issued a session, one in twenty, are in `issuing` once more: facts begin with them.
 */
export class Lines {
  readonly callers: Repeated;
  readonly endings: Repeated;
  readonly others: LineFile;
  readonly issuing: LineFile | null;
  readonly #base: string;
  readonly #buffers: Buffer[] = [];
  readonly #days = new Map<string, LineFile>();
  #last: DayFile | null = null;

  constructor(base: string, keepsIssuing: boolean) {
    this.#base = base;
    this.others = new LineFile(`${base}.others.ndjson`, Buffer.allocUnsafe(bufferBytes));
    this.issuing = keepsIssuing ? new LineFile(`${base}.issuing.ndjson`, Buffer.allocUnsafe(bufferBytes / 4)) : null;
    this.callers = new Repeated(`${base}.callers.ndjson`, '"userIdentity":', "}", isCaller);
    this.endings = new Repeated(`${base}.endings.ndjson`, "", "", isEnding);
  }

  start(): void {
    for (const file of this.#always) file.start();
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
    for (const file of this.#always) file.end();
  }

  discard(): void {
    for (const { path } of [...this.#days.values(), ...this.#always]) rmSync(path, { force: true });
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
    return Math.max(...[...this.#days.values(), ...this.#always].map(({ longest }) => longest));
  }

  get #always() {
    return [this.others, ...(this.issuing === null ? [] : [this.issuing]), this.callers, this.endings];
  }

  /** A record as it stands in its file, without its opening brace. */
  add(file: number, index: number, bytes: Buffer, span: Span): void {
    const cut = cutOf(bytes, span);
    if (cut === null || !this.#addCut(file, index, bytes, cut))
      this.#addWhole({ file, index, caller: this.#callerIn(bytes, span), ending: none }, bytes, span);
  }

  /** A record on a line of its own, and its caller as JSON. */
  addWhole(file: number, index: number, record: { readonly text: string; readonly caller: string }): void {
    const text = Buffer.from(record.text);
    // The tag ends with a comma, so an empty object needs a key.
    const bytes = text.length === 2 ? Buffer.from('{"_":0}') : text;
    const caller = this.callers.keep(Buffer.from(record.caller));
    this.#addWhole({ file, index, caller, ending: none }, bytes, { start: 1, end: bytes.length });
  }

  #addWhole(tag: Tag, bytes: Buffer, span: Span): void {
    addRecord(this.others, tag, bytes, span, "");
    if (this.issuing !== null) addRecord(this.issuing, tag, bytes, span, "");
  }

  #addCut(file: number, index: number, bytes: Buffer, cut: Cut): boolean {
    const caller = this.callers.find(bytes, cut.caller);
    const ending = caller < 0 ? none : this.endings.find(bytes, cut.ending);
    if (ending < 0) return false;
    const tag = { file, index, caller, ending };
    addRecord(this.#ofDay(bytes, cut.day), tag, bytes, cut.middle, "}");
    if (this.issuing !== null && cut.mayIssue) addRecord(this.issuing, tag, bytes, cut.middle, "}");
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

/** Of every seventh byte: two pieces of one place only push each other out. */
function placeOf(bytes: Buffer, { start, end }: Span): number {
  let hash = end - start;
  for (let at = start; at < end; at += 7) hash = Math.imul(hash, 31) + (bytes[at] ?? 0);
  return ((hash >>> 13) ^ hash) & 8_191;
}
