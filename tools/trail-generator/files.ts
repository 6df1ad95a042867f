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
  readonly filesACellAndDay: number;
  readonly random: Random;
  readonly counting: Counting;
}

/** Collects records by account, region and slice of a day, and writes each slice as CloudTrail delivers it. */
export class Delivery {
  readonly #slots = new Map<string, { account: string; region: string; due: number; records: string[] }>();
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

  /** The same record again, in another file, as two overlapping trails leave it. */
  again(place: Place, text: string): void {
    this.#to.counting.truth.records += 1;
    this.#to.counting.truth.duplicates += 1;
    this.#put({ ...place, at: place.at + day / 2 }, text);
  }

  /** Writes every slice that is over at `now`. */
  flush(now: number): void {
    for (const [key, slot] of this.#slots) {
      if (slot.due > now) continue;
      this.#slots.delete(key);
      this.#write(slot);
    }
  }

  #put(place: Place, text: string): void {
    const slots = this.#slotsOf(place);
    const slot = Math.floor(((place.at % day) * slots) / day);
    const due = place.at - (place.at % day) + Math.ceil(((slot + 1) * day) / slots);
    const key = `${place.account}/${place.region}/${due}`;
    const open = this.#slots.get(key);
    if (open === undefined)
      this.#slots.set(key, { account: place.account, region: place.region, due, records: [text] });
    else open.records.push(text);
  }

  /** One or two files more a day where the mean is a fraction, always the same for a cell and day. */
  #slotsOf(place: Place): number {
    const whole = Math.floor(this.#to.filesACellAndDay);
    const turn = (Math.floor(place.at / day) * 7 + Number(place.account) + place.region.length * 3) % 10;
    return Math.max(1, turn / 10 < this.#to.filesACellAndDay - whole ? whole + 1 : whole);
  }

  #write(slot: { account: string; region: string; due: number; records: string[] }): void {
    const delivered = isoOf(slot.due + this.#to.random.int(60, 540));
    const [date = "", time = ""] = delivered.split("T");
    const place = ["AWSLogs", this.#to.organisation, slot.account, "CloudTrail", slot.region, ...date.split("-")];
    const folder = path.join(this.#to.folder, ...place);
    if (!this.#made.has(folder)) {
      mkdirSync(folder, { recursive: true });
      this.#made.add(folder);
    }
    const minute = `${date.replaceAll("-", "")}T${time.slice(0, 2)}${time.slice(3, 5)}Z`;
    const unique = this.#to.random.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 16);
    const name = `${slot.account}_CloudTrail_${slot.region}_${minute}_${unique}.json.gz`;
    writeFileSync(path.join(folder, name), gzipSync(`{"Records":[${slot.records.join(",")}]}`));
    this.#to.counting.truth.files += 1;
  }
}
