import { randomInt } from "node:crypto";

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Unique ids have 21 characters, access key ids 20. */
export const freshId = (prefix: "AROA" | "AIDA" | "ANPA"): string => prefix + draw(base32, 17);

export const freshKeyId = (): string => `AKIA${draw(base32, 16)}`;

export const freshSecret = (): string => draw(base64, 40);

/** 64 base32 characters: 40 bytes, as AWS gives a virtual device. */
export const freshSeed = (): string => draw(base32, 64);

const draw = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join("");
