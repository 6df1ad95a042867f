import { createHash } from "node:crypto";

/** A seeded stream of numbers: same seed, same story. sfc32 over the SHA-256 of the seed's text. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(...seed: readonly (string | number)[]) {
    const digest = createHash("sha256").update(seed.join("\n")).digest();
    this.#a = digest.readInt32LE(0);
    this.#b = digest.readInt32LE(4);
    this.#c = digest.readInt32LE(8);
    this.#counter = digest.readInt32LE(12);
    for (let round = 0; round < 12; round += 1) this.bits();
  }

  /** 32 unsigned bits. */
  bits(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** [0, 1). */
  unit(): number {
    return this.bits() / 4_294_967_296;
  }

  /** Both ends included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.unit() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** @throws RangeError on an empty list. */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.unit() * items.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }

  /** Exponential with this mean: gaps between calls. */
  gap(mean: number): number {
    return -Math.log(1 - this.unit()) * mean;
  }

  /** Around `mean`, by the sum of three units; the spread is about the standard deviation. */
  near(mean: number, spread: number): number {
    return mean + (this.unit() + this.unit() + this.unit() - 1.5) * 2 * spread;
  }

  text(alphabet: string, length: number): string {
    let made = "";
    for (let index = 0; index < length; index += 1) made += alphabet.charAt(this.bits() % alphabet.length);
    return made;
  }

  hex(length: number): string {
    let made = "";
    while (made.length < length) {
      const bits = this.bits();
      made += `${byteText[bits >>> 24]}${byteText[(bits >>> 16) & 255]}${byteText[(bits >>> 8) & 255]}${byteText[bits & 255]}`;
    }
    return made.length === length ? made : made.slice(0, length);
  }

  uuid(): string {
    const hex = this.hex(32);
    const variant = "89ab".charAt(this.bits() & 3);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}

/** Two hex characters for each byte: ids are a tenth of all that is written. */
const byteText = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

const upperBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** AWS's unique ids: four letters of kind and seventeen or sixteen of base 32. */
export const awsId = (random: Random, kind: "AROA" | "AIDA" | "AKIA" | "ASIA"): string =>
  kind + random.text(upperBase32, kind === "AROA" || kind === "AIDA" ? 17 : 16);
