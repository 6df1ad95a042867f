import { AwsError, type Json, type JsonObject } from "./call.ts";

/** Parameters of the query protocol: `Tags.member.1.Key=team`. */
export type Parameters = ReadonlyMap<string, string>;

/** Values of `Name.member.1`, `Name.member.2`, … in order; `field` for lists of structures (`PolicyArns.member.1.arn`). */
export function listOf(parameters: Parameters, name: string, field = ""): string[] {
  const suffix = field === "" ? "" : `.${field}`;
  const values: string[] = [];
  for (let at = 1; ; at++) {
    const value = parameters.get(`${name}.member.${at}${suffix}`);
    if (value === undefined) return values;
    values.push(value);
  }
}

/** Collects what is wrong with a request, and says it all at once in the API model's words. */
export class Constraints {
  readonly #faults: string[] = [];

  pattern(name: string, value: string | undefined, pattern: RegExp, shown: string): this {
    return this.#unless(
      value === undefined || pattern.test(value),
      name,
      value,
      `satisfy regular expression pattern: ${shown}`,
    );
  }

  length(name: string, value: string | undefined, least: number, most: number): this {
    const length = value === undefined ? least : [...value].length;
    this.#unless(length >= least, name, value, `have length greater than or equal to ${least}`);
    return this.#unless(length <= most, name, value, `have length less than or equal to ${most}`);
  }

  between(name: string, value: number | undefined, least: number, most: number): this {
    const given = value ?? least;
    this.#unless(given >= least, name, String(value), `have value greater than or equal to ${least}`);
    return this.#unless(given <= most, name, String(value), `have value less than or equal to ${most}`);
  }

  atMost(name: string, values: readonly unknown[], most: number): this {
    return this.#unless(
      values.length <= most,
      name,
      `[${values.length} members]`,
      `have length less than or equal to ${most}`,
    );
  }

  present(name: string, value: string | undefined): this {
    if (value === undefined)
      this.#faults.push(`Value null at '${name}' failed to satisfy constraint: Member must not be null`);
    return this;
  }

  /** @throws AwsError ValidationError naming every fault. */
  done(): void {
    const count = this.#faults.length;
    if (count === 0) return;
    const detected = count === 1 ? "1 validation error detected" : `${count} validation errors detected`;
    throw new AwsError("ValidationError", `${detected}: ${this.#faults.join("; ")}`);
  }

  #unless(holds: boolean, name: string, value: string | undefined, must: string): this {
    if (!holds) this.#faults.push(`Value '${value}' at '${name}' failed to satisfy constraint: Member must ${must}`);
    return this;
  }
}

/** @throws AwsError ValidationError when it is not a whole number. */
export function wholeNumber(parameters: Parameters, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === undefined) return undefined;
  if (/^-?\d{1,10}$/.test(text)) return Number(text);
  throw new AwsError(
    "ValidationError",
    `Value '${text}' at '${lowerFirst(name)}' failed to satisfy constraint: Member must be an integer`,
  );
}

/** What CloudTrail shows of the parameters: camel case, `member` lists as arrays, secrets left out. */
export function recordedParameters(parameters: Parameters): JsonObject | null {
  const tree: Branch = new Map();
  for (const [name, value] of parameters) {
    const steps = name.split(".").filter((step) => step !== "member");
    if (!unrecorded.has(steps[0] ?? "")) plant(tree, steps, value);
  }
  return tree.size === 0 ? null : (harvest(tree) as JsonObject);
}

export const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

type Branch = Map<string, Branch | string>;

// The protocol's own words, and what CloudTrail never shows: codes, tokens, passwords.
const unrecorded = new Set([
  "Action",
  "Version",
  "TokenCode",
  "AuthenticationCode1",
  "AuthenticationCode2",
  "WebIdentityToken",
  "SAMLAssertion",
  "Password",
  "OldPassword",
  "NewPassword",
]);
const numbers = new Set(["durationSeconds", "maxSessionDuration", "maxItems"]);

function plant(tree: Branch, steps: readonly string[], value: string): void {
  const [step, ...rest] = steps;
  if (step === undefined) return;
  if (rest.length === 0) {
    tree.set(step, value);
    return;
  }
  const next = tree.get(step);
  const branch: Branch = next instanceof Map ? next : new Map();
  tree.set(step, branch);
  plant(branch, rest, value);
}

function harvest(tree: Branch): Json {
  const keys = [...tree.keys()];
  if (keys.every((key) => /^\d+$/.test(key))) return keys.map((key) => leaf(key, tree.get(key)));
  return Object.fromEntries(keys.map((key) => [lowerFirst(key), leaf(lowerFirst(key), tree.get(key))]));
}

function leaf(name: string, value: Branch | string | undefined): Json {
  if (value instanceof Map) return harvest(value);
  return numbers.has(name) && /^\d+$/.test(value ?? "") ? Number(value) : (value ?? null);
}
