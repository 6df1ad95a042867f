import { AwsError, type Call } from "./call.ts";
import type { XmlValue } from "./xml.ts";

/** What the API model says of a parameter; the pattern is a regular expression's source over the whole value. */
export interface Rule {
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
}

const name = "[\\w+=,.@-]+";

// biome-ignore format: the columns are the point
export const rules = {
  roleName:   { pattern: name, min: 1, max: 64 },
  userName:   { pattern: name, min: 1, max: 64 },
  policyName: { pattern: name, min: 1, max: 128 },
  deviceName: { pattern: "[\\w+=,.@-]+", min: 1, max: 226 },
  path:       { pattern: "(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)", min: 1, max: 512 },
  pathPrefix: { pattern: "\\u002F[\\u0021-\\u007F]*", min: 1, max: 512 },
  arn:        { min: 20, max: 2048 },
  document:   { pattern: "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+", min: 1, max: 131_072 },
  alias:      { pattern: "[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]", min: 3, max: 63 },
  keyId:      { pattern: "[\\w]+", min: 16, max: 128 },
  serial:     { pattern: "[\\w+=/:,.@-]+", min: 9, max: 256 },
  code:       { pattern: "[\\d]+", min: 6, max: 6 },
  version:    { pattern: "v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?" },
  any:        {},
} as const satisfies Record<string, Rule>;

export function required(call: Call, parameter: string, rule: Rule): string {
  const value = optional(call, parameter, rule);
  if (value === undefined) throw invalid("null", parameter, "Member must not be null");
  return value;
}

export function optional(call: Call, parameter: string, rule: Rule): string | undefined {
  const value = call.parameters.get(parameter);
  if (value === undefined) return undefined;
  if (value.length < (rule.min ?? 0)) {
    throw invalid(`'${value}'`, parameter, `Member must have length greater than or equal to ${rule.min}`);
  }
  if (value.length > (rule.max ?? Number.POSITIVE_INFINITY)) {
    throw invalid(`'${value}'`, parameter, `Member must have length less than or equal to ${rule.max}`);
  }
  if (rule.pattern !== undefined && !new RegExp(`^(?:${rule.pattern})$`).test(value)) {
    throw invalid(`'${value}'`, parameter, `Member must satisfy regular expression pattern: ${rule.pattern}`);
  }
  return value;
}

export function integer(call: Call, parameter: string, min: number, max: number): number | undefined {
  const value = call.parameters.get(parameter);
  if (value === undefined) return undefined;
  if (!/^-?\d+$/.test(value)) throw new AwsError("MalformedInput", `Invalid ${parameter}`);
  const least = "Member must have value greater than or equal to";
  if (Number(value) < min) throw invalid(`'${value}'`, parameter, `${least} ${min}`);
  if (Number(value) > max)
    throw invalid(`'${value}'`, parameter, `Member must have value less than or equal to ${max}`);
  return Number(value);
}

/** `ActionNames.member.1`, `.2` …, in order. */
export function members(call: Call, parameter: string): string[] {
  const list: string[] = [];
  for (let nth = 1; ; nth += 1) {
    const value = call.parameters.get(`${parameter}.member.${nth}`);
    if (value === undefined) return list;
    list.push(value);
  }
}

/** Every `Tags.member.n.Key` with its value. */
export function tagsOf(call: Call): Record<string, string> {
  const tags: [string, string][] = [];
  for (let nth = 1; ; nth += 1) {
    const key = optional(call, `Tags.member.${nth}.Key`, { min: 1, max: 128 });
    if (key === undefined) break;
    tags.push([key, optional(call, `Tags.member.${nth}.Value`, { max: 256 }) ?? ""]);
  }
  const keys = tags.map(([key]) => key.toLowerCase());
  if (new Set(keys).size < keys.length) {
    throw new AwsError("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  }
  return Object.fromEntries(tags);
}

export const requestTags = (call: Call): Record<string, string | readonly string[]> => {
  const tags = tagsOf(call);
  const named = Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value]);
  return { ...Object.fromEntries(named), "aws:TagKeys": Object.keys(tags) };
};

/**
 * One page of a list that is already in its order. The marker is the name of the last item before it, so a list that
 * changes between two pages neither repeats nor skips what stayed.
 */
export function page<Item>(
  call: Call,
  items: readonly Item[],
  key: (item: Item) => string,
): { items: Item[]; rest: { [name: string]: XmlValue } } {
  const size = integer(call, "MaxItems", 1, 1000) ?? 100;
  const marker = optional(call, "Marker", { min: 1 });
  const after = marker === undefined ? undefined : Buffer.from(marker, "base64url").toString();
  const sorted = [...items].sort((one, other) => (key(one) < key(other) ? -1 : 1));
  const from = after === undefined ? sorted : sorted.filter((item) => key(item) > after);
  const shown = from.slice(0, size);
  const last = shown.at(-1);
  if (from.length <= size || last === undefined) return { items: shown, rest: { IsTruncated: false } };
  return { items: shown, rest: { IsTruncated: true, Marker: Buffer.from(key(last)).toString("base64url") } };
}

const invalid = (value: string, parameter: string, constraint: string): AwsError => {
  const at = parameter
    .replace(/\.member/g, "")
    .replace(/(^|\.)([A-Z])/g, (_, dot: string, letter: string) => dot + letter.toLowerCase());
  const text = `Value ${value} at '${at}' failed to satisfy constraint: ${constraint}`;
  return new AwsError("ValidationError", `1 validation error detected: ${text}`);
};
