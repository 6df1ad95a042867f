import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { day, isoOf } from "#/sandbox/story/clock.ts";
import type { Random } from "#/sandbox/story/random.ts";
import type { Place } from "./records.ts";
import type { Counting } from "./truth.ts";

export interface Destination {
  readonly folder: string;
  readonly organisation: string;
  readonly random: Random;
  readonly counting: Counting;
}

/** Collects records by account and region, and writes them in as many files as are asked for, as CloudTrail delivers. */
export class Delivery {
  readonly #cells = new Map<string, Cell>();
  readonly #made = new Set<string>();
  readonly #to: Destination;

  constructor(to: Destination) {
    this.#to = to;
  }

  add(place: Place, text: string): void {
    const { truth } = this.#to.counting;
    const time = isoOf(place.at);
    if (time < truth.first_event_at) truth.first_event_at = time;
    if (time > truth.last_event_at) truth.last_event_at = time;
    truth.records += 1;
    truth.distinct_events += 1;
    this.#put(place, text);
  }

  /** The same record again a day later, so in another file, as two overlapping trails leave it. */
  again(place: Place, text: string): void {
    this.#to.counting.truth.records += 1;
    this.#to.counting.truth.duplicates += 1;
    this.#put({ ...place, at: place.at + day }, text);
  }

  /**
   * Writes what happened before `until`, so that `files` are there in all. With fewer files than accounts and regions
   * the fullest go first and the others wait; on the
   * last day everything goes.
   */
  deliver(until: number, files: number, isLast: boolean): void {
    const limit = isLast ? Number.POSITIVE_INFINITY : until;
    const due = [...this.#cells.values()].map((cell) => new Due(cell, limit)).filter(({ records }) => records > 0);
    const wanted = Math.max(files - this.#to.counting.truth.files, isLast ? due.length : 0);
    due.sort((a, b) => b.records - a.records || (a.cell.name < b.cell.name ? -1 : 1));
    for (let left = wanted; left > 0; left -= 1) {
      const next = due.reduce<Due | undefined>((most, one) => (one.share > (most?.share ?? 0) ? one : most), undefined);
      if (next === undefined) break;
      next.files += 1;
    }
    for (const one of due.filter((each) => each.files > 0))
      for (const lines of one.take()) this.#write(one.cell, lines);
  }

  #put({ account, region, at }: Place, text: string): void {
    const name = `${account}/${region}`;
    const cell = this.#cells.get(name);
    if (cell === undefined) this.#cells.set(name, { name, account, region, lines: [{ at, text }] });
    else cell.lines.push({ at, text });
  }

  #write({ account, region }: Cell, lines: readonly Line[]): void {
    const delivered = isoOf((lines.at(-1)?.at ?? 0) + this.#to.random.int(60, 540));
    const [date = "", time = ""] = delivered.split("T");
    const place = ["AWSLogs", this.#to.organisation, account, "CloudTrail", region, ...date.split("-")];
    const folder = path.join(this.#to.folder, ...place);
    if (!this.#made.has(folder)) {
      mkdirSync(folder, { recursive: true });
      this.#made.add(folder);
    }
    const minute = `${date.replaceAll("-", "")}T${time.slice(0, 2)}${time.slice(3, 5)}Z`;
    const unique = this.#to.random.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 16);
    const name = `${account}_CloudTrail_${region}_${minute}_${unique}.json.gz`;
    writeFileSync(path.join(folder, name), gzipSync(`{"Records":[${lines.map(({ text }) => text).join(",")}]}`));
    this.#to.counting.truth.files += 1;
  }
}

interface Line {
  /** Epoch seconds. */
  readonly at: number;
  readonly text: string;
}

interface Cell {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  lines: Line[];
}

/** What of a cell is due, and the files it gets. */
class Due {
  readonly cell: Cell;
  readonly records: number;
  readonly #until: number;
  files = 0;

  constructor(cell: Cell, until: number) {
    this.cell = cell;
    this.#until = until;
    this.records = cell.lines.filter(({ at }) => at < until).length;
  }

  /** Records a file if it got one more; none where that would leave a file empty. Whoever has no file comes first. */
  get share(): number {
    if (this.files === 0) return Number.MAX_SAFE_INTEGER;
    return this.files < this.records ? this.records / (this.files + 1) : 0;
  }

  /** In order of time, in files of equal size. */
  take(): Line[][] {
    const due = this.cell.lines.filter(({ at }) => at < this.#until).sort((a, b) => a.at - b.at);
    this.cell.lines = this.cell.lines.filter(({ at }) => at >= this.#until);
    return Array.from({ length: this.files }, (_, index) =>
      due.slice(Math.floor((index * due.length) / this.files), Math.floor(((index + 1) * due.length) / this.files)),
    );
  }
}
