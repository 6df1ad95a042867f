import { rmSync } from "node:fs";
import { LineFile } from "./line-file.ts";
import { versionLength } from "./split.ts";

/**
 * A batch as lines for the engine: each record as it stands in its file, tagged with the file's number in the batch and
 * its place in the file. Lines of a day of which there are many are in a file of that day, which the engine writes out
 * as it reads it; all others, and whatever is not of the usual form, in files of any day.
 */
export class Lines {
  readonly #base: string;
  readonly #days = new Map<number, LineFile>();
  #others: LineFile | null = null;
  /** Bytes of the longest line. */
  longest = 0;

  /** @param base what the files' paths begin with. */
  constructor(base: string) {
    this.#base = base;
  }

  /** Files of one day's lines, by day. Which day that is was seen in passing: the engine has the last word. */
  get days(): ReadonlyMap<string, string> {
    const many = [...this.#days].filter(([, file]) => isMany(file));
    return new Map(many.map(([day, file]) => [nameOf(day), file.path]));
  }

  /** Files of lines of any day: few of one are not worth a statement of its own. */
  get others(): readonly string[] {
    const few = [...this.#days.values()].filter((file) => !isMany(file));
    return [...few, ...(this.#others === null ? [] : [this.#others])].map(({ path }) => path);
  }

  /** All is on disk. */
  end(): void {
    for (const file of this.#files()) file.end();
  }

  /** Before the next batch. */
  discard(): void {
    for (const { path } of this.#files()) rmSync(path, { force: true });
    this.#days.clear();
    this.#others = null;
    this.longest = 0;
  }

  /**
   * A whole file's records. The bytes are written over: tags where each record tells its version, line ends where
   * records are parted. @param starts as split.ts finds them.
   */
  add(file: number, bytes: Buffer, starts: readonly number[]): void {
    let [from = 0] = starts;
    let day = -1;
    for (let index = 0; index + 1 < starts.length; index += 1) {
      const [start = 0, next = 0] = [starts[index], starts[index + 1]];
      if (next - start > this.longest) this.longest = next - start;
      writeTag(bytes, start, file, index);
      bytes[next - 1] = newline;
      const its = dayAt(bytes, start, next);
      if (its === day) continue;
      if (start > from) this.#of(day).append(bytes.subarray(from, start));
      [from, day] = [start, its];
    }
    this.#of(day).append(bytes.subarray(from, starts.at(-1)));
  }

  /** Records on a line each, as JSON objects. @param records by their place in the file. */
  addEach(file: number, records: ReadonlyMap<number, string>): void {
    if (records.size === 0) return;
    const lines = Buffer.from(
      [...records]
        // The engine takes the first of two equal keys: ours. An empty object needs one to end the tag with.
        .map(([index, text]) => `{"_f":${file},"_i":${index},${text === "{}" ? '"_":0}' : text.slice(1)}\n`)
        .join(""),
    );
    for (let from = 0; from < lines.length; ) {
      const next = lines.indexOf(newline, from) + 1;
      this.longest = Math.max(this.longest, next - from);
      from = next;
    }
    this.#of(-1).append(lines);
  }

  #of(day: number): LineFile {
    const known = this.#days.get(day);
    if (known !== undefined) return known;
    if (this.#days.size >= daysMax || !isDay(day)) {
      this.#others ??= new LineFile(`${this.#base}.others.ndjson`);
      return this.#others;
    }
    const file = new LineFile(`${this.#base}.${nameOf(day)}.ndjson`);
    this.#days.set(day, file);
    return file;
  }

  #files(): readonly LineFile[] {
    return [...this.#days.values(), ...(this.#others === null ? [] : [this.#others])];
  }
}

const daysMax = 8;
const isMany = (file: LineFile): boolean => file.bytes > 1024 * 1024;

const [newline, dash, zero, nine] = [0x0a, 0x2d, 0x30, 0x39];

const tag = Buffer.from('{"_f":    ,"_i":      ,');
const [fileEnd, indexEnd] = [tag.indexOf(","), tag.length - 1];
/** So many of one file fit the tag; of files, 10,000 a batch. */
export const recordsMax = 10 ** 6;

/** By hand: a call of Buffer costs as much as all of it. Blanks before a number are JSON. */
function writeTag(bytes: Buffer, start: number, file: number, index: number): void {
  for (let at = 0; at < versionLength; at += 1) bytes[start + at] = tag[at] ?? 0;
  writeNumber(bytes, start + fileEnd, file);
  writeNumber(bytes, start + indexEnd, index);
}

function writeNumber(bytes: Buffer, end: number, value: number): void {
  let rest = value;
  for (let at = end - 1; ; at -= 1) {
    bytes[at] = zero + (rest % 10);
    rest = Math.floor(rest / 10);
    if (rest === 0) return;
  }
}

const timeKey = Buffer.from('"eventTime":"');

/** The day that a record tells first, as 20261121; -1 where it is not written so. */
function dayAt(bytes: Buffer, start: number, end: number): number {
  const key = bytes.indexOf(timeKey, start);
  return key < 0 || key >= end ? -1 : dayIn(bytes, key + timeKey.length);
}

const dayPattern = Buffer.from("0000-00-00");

function dayIn(bytes: Buffer, at: number): number {
  let day = 0;
  for (let place = 0; place < dayPattern.length; place += 1) {
    const byte = bytes[at + place] ?? 0;
    if (dayPattern[place] === dash ? byte !== dash : byte < zero || byte > nine) return -1;
    if (byte !== dash) day = day * 10 + byte - zero;
  }
  return day;
}

function nameOf(day: number): string {
  const digits = String(day).padStart(8, "0");
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
}

/** Of the years 1 to 9999, as the engine knows them. */
function isDay(day: number): boolean {
  const time = new Date(`${nameOf(day)}T00:00:00Z`);
  return day > 10_000 && !Number.isNaN(time.getTime()) && time.toISOString().startsWith(nameOf(day));
}
