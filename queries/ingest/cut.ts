import type { Span } from "./split.ts";

/**
 * A record as CloudTrail orders its keys: version, caller, what happened, and behind the eventID what hardly varies.
 * The caller and the ending are the same bytes for call after call, so each is parsed once a batch (lines.ts).
 */
export interface Cut {
  /** Where its day, `2026-11-21`, begins: its time is whole seconds with a Z. */
  readonly day: number;
  /** It may have issued a session: its source is STS or sign-in, or stands elsewhere. */
  readonly mayIssue: boolean;
  /** The value of `userIdentity`. */
  readonly caller: Span;
  /** `"eventTime":…` to the closing quote of the eventID. */
  readonly middle: Span;
  /** `"readOnly":…}`, with the record's closing brace. */
  readonly ending: Span;
}

const version = Buffer.from('"eventVersion":"1.09",');
const callerKey = Buffer.from('"userIdentity":{');
const timeKey = Buffer.from('},"eventTime":"');
const idKey = Buffer.from('"eventID":"');
const uuidLength = 36;
const [quote, comma, zero, nine] = [0x22, 0x2c, 0x30, 0x39];

/** Null when the record is not of that form. Nothing is parsed: whether the pieces are JSON is seen to in lines.ts. */
export function cutOf(bytes: Buffer, { start, end }: Span): Cut | null {
  const key = start + version.length;
  if (bytes[key - 1] !== comma || !isAt(bytes, key, callerKey)) return null;
  const caller = key + callerKey.length - 1;
  const time = bytes.indexOf(timeKey, caller);
  if (time < 0 || time >= end) return null;
  const id = bytes.indexOf(idKey, time);
  const idEnd = id + idKey.length + uuidLength;
  if (id < 0 || idEnd + 2 >= end || bytes[idEnd] !== quote || bytes[idEnd + 1] !== comma) return null;
  const day = time + timeKey.length;
  if (!isTime(bytes, day)) return null;
  return {
    day,
    mayIssue: mayIssue(bytes, day + timePattern.length),
    caller: { start: caller, end: time + 1 },
    middle: { start: time + 2, end: idEnd + 1 },
    ending: { start: idEnd + 2, end },
  };
}

export const dayLength = "2026-11-21".length;
const timePattern = Buffer.from('0000-00-00T00:00:00Z"');

function isTime(bytes: Buffer, at: number): boolean {
  for (let place = 0; place < timePattern.length; place += 1) {
    const byte = bytes[at + place] ?? 0;
    const wanted = timePattern[place];
    if (wanted === zero ? byte < zero || byte > nine : byte !== wanted) return false;
  }
  return true;
}

const sourceKey = Buffer.from(',"eventSource":"');
const issuers = [Buffer.from('sts.amazonaws.com"'), Buffer.from('signin.amazonaws.com"')];

function mayIssue(bytes: Buffer, at: number): boolean {
  return !isAt(bytes, at, sourceKey) || issuers.some((issuer) => isAt(bytes, at + sourceKey.length, issuer));
}

export function isAt(bytes: Buffer, at: number, text: Buffer): boolean {
  for (let place = 0; place < text.length; place += 1) if (bytes[at + place] !== text[place]) return false;
  return true;
}

/** One value, and an object: what stood between could otherwise be another key of the record. */
export function isCaller(text: string): boolean {
  return isObject(parsed(text));
}

/** Keys that are read from the middle alone. */
const ofMiddle = new Set(
  (
    "_f _i _u _t userIdentity eventTime eventID eventSource eventName awsRegion sourceIPAddress userAgent errorCode " +
    "errorMessage requestID requestParameters responseElements additionalEventData"
  ).split(" "),
);

/** The end of an object, with no key that is looked for elsewhere. */
export function isEnding(text: string): boolean {
  const ending = parsed(`{${text}`);
  return isObject(ending) && !Object.keys(ending).some((key) => ofMiddle.has(key));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
