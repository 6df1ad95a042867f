import type { Json, JsonObject } from "./call.ts";
import type { XmlValue } from "./xml.ts";

/**
 * CloudTrail's `responseElements` of an IAM answer: the same members in camelCase, dates in its own wording, nothing
 * secret. Null for an answer without members.
 */
export function traceOf(result: XmlValue): JsonObject | null {
  return isStructure(result) ? objectOf(result) : null;
}

/** `Nov 21, 2026, 9:30:00 AM`, as CloudTrail writes the dates of IAM and STS. */
export function traceDate(at: Date): string {
  const [day, time] = [dayFormat.format(at), timeFormat.format(at)];
  return `${day}, ${time.replace(/\u202f/g, " ")}`;
}

const dayFormat = new Intl.DateTimeFormat("en-US", { timeZone: "UTC", dateStyle: "medium" });
const timeFormat = new Intl.DateTimeFormat("en-US", { timeZone: "UTC", timeStyle: "medium" });

const secret = new Set(["SecretAccessKey", "Base32StringSeed", "QRCodePNG"]);

function objectOf(members: Structure): JsonObject {
  const told = Object.entries(members).filter(([name, value]) => value !== undefined && !secret.has(name));
  return Object.fromEntries(told.map(([name, value]) => [lowerFirst(name), jsonOf(name, value)]));
}

function jsonOf(name: string, value: XmlValue): Json {
  if (value === undefined) return null;
  if (typeof value === "string") return name.endsWith("Date") ? traceDate(new Date(value)) : value;
  if (typeof value !== "object") return value;
  return isStructure(value) ? objectOf(value) : [...value].map((one) => jsonOf("", one));
}

type Structure = { readonly [name: string]: XmlValue };

const isStructure = (value: XmlValue): value is Structure =>
  typeof value === "object" && !Array.isArray(value) && !(value instanceof Map);

const lowerFirst = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
