/**
 * The careful road: any text that holds CloudTrail records, in any wrapping that occurs (`Records`, one record a line,
 * one record, EventBridge's `detail`, LookupEvents' `CloudTrailEvent`). Each record stands for itself.
 */
export interface Found {
  /** JSON text of the record on one line, or why it is none. */
  readonly records: readonly (string | BadRecord)[];
}
export interface BadRecord {
  readonly reason: string;
}

/** Said of a file that cannot be read at all. */
export class Unreadable extends Error {}

export function recordsOf(bytes: Buffer): Found {
  const text = bytes.toString("utf8").replace(/^\uFEFF/, "");
  if (text.trim() === "") throw new Unreadable("nothing is in it");
  return { records: valuesOf(text).flatMap(recordsIn).map(textOf) };
}

/** One JSON value, or several after each other (NDJSON, or two gzip members of one document each). */
function valuesOf(text: string): unknown[] {
  const whole = parsed(text);
  if (whole !== undefined) return [whole];
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  // One record a line: a damaged line costs itself alone.
  if (lines.length > 1 && isRecord(unwrapped(parsed(lines[0] ?? ""))))
    return lines.map((line) => parsed(line) ?? damaged);
  const values: unknown[] = [];
  for (const part of topLevelParts(text)) {
    const value = parsed(part);
    if (value === undefined)
      throw new Unreadable(values.length > 0 ? "its JSON breaks off or is damaged" : whyNoJson(text));
    values.push(value);
  }
  return values;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const whyNoJson = (text: string): string =>
  /^\s*[[{]/.test(text) ? "its JSON breaks off or is damaged" : "it is not JSON";

/** Cuts at depth 0, outside of strings. Text between values stays with the next one, so that it fails to parse. */
function topLevelParts(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (const token of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/gs)) {
    depth += depths[token[0]] ?? 0;
    if (depth === 0 && depths[token[0]] === -1) {
      parts.push(text.slice(start, token.index + 1));
      start = token.index + 1;
    }
  }
  const rest = text.slice(start);
  return rest.trim() === "" ? parts : [...parts, rest];
}

const depths: Readonly<Record<string, number>> = { "{": 1, "[": 1, "}": -1, "]": -1 };

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const damaged = Symbol("damaged line");

function recordsIn(value: unknown): unknown[] {
  if (value === damaged) return [value];
  // Whole files in one list are what `jq -s` makes.
  if (Array.isArray(value)) return value.flatMap((one) => listIn(one) ?? [one]).map(unwrapped);
  const list = listIn(value);
  if (list !== null) return list.map(unwrapped);
  if (isRecord(unwrapped(value))) return [unwrapped(value)];
  throw new Unreadable("no Records are in it");
}

/** The list that a trail's file (`Records`) or an answer of LookupEvents (`Events`) is. */
function listIn(value: unknown): readonly unknown[] | null {
  if (!isFields(value)) return null;
  const { Records, Events } = value;
  if (Array.isArray(Records)) return Records;
  return Array.isArray(Events) ? Events : null;
}

const isRecord = (value: unknown): boolean =>
  isFields(value) && ("eventID" in value || ("eventName" in value && "eventTime" in value));

/** EventBridge puts the record under `detail`, LookupEvents as text under `CloudTrailEvent`. */
function unwrapped(value: unknown): unknown {
  if (!isFields(value) || "eventID" in value) return value;
  const { detail, CloudTrailEvent: quoted } = value;
  if (isFields(detail) && isRecord(detail)) return detail;
  return typeof quoted === "string" ? (parsed(quoted) ?? value) : value;
}

function textOf(value: unknown): string | BadRecord {
  if (value === damaged) return { reason: "not JSON" };
  if (!isFields(value)) return { reason: "not an object" };
  return wellFormed(JSON.stringify(value));
}

/** JSON.stringify writes a lone surrogate as `\ud800`, which the engine refuses: U+FFFD, as a decoder would. */
function wellFormed(text: string): string {
  if (!/\\ud[89a-f]/i.test(text)) return text;
  return text.replace(/(\\\\)|\\ud[89a-f][0-9a-f]{2}/gi, (all: string, pair: string | undefined) =>
    pair === undefined ? "\uFFFD" : all,
  );
}
