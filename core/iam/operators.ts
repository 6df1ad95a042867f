import { BlockList, isIP } from "node:net";
import { MalformedPolicy } from "#/core/iam/malformed.ts";
import { compileArn, compilePattern, type Lookup, matchesArn, matchesPattern, textOf } from "#/core/iam/pattern.ts";

/** A condition operator without its quantifier. `compile` answers whether one request value matches any policy value. */
export interface Operator {
  readonly negated: boolean;
  readonly compile: (values: readonly string[], variables: boolean) => Test;
}

type Test = (value: string, lookup: Lookup) => boolean;

/** `Null` compares whether the key is absent, so it is handed "true" or "false". */
export const isAbsent: Operator = { negated: false, compile: (values) => bool(values) };

const text = (values: readonly string[], variables: boolean): Test => {
  const patterns = values.map((value) => compilePattern(value, { variables, wildcards: false }));
  return (value, lookup) => patterns.some((pattern) => matchesPattern(pattern, value, lookup));
};

const textInAnyCase = (values: readonly string[], variables: boolean): Test => {
  const patterns = values.map((value) => compilePattern(value, { variables, wildcards: false }));
  return (value, lookup) => patterns.some((pattern) => textOf(pattern, lookup)?.toLowerCase() === value.toLowerCase());
};

const like = (values: readonly string[], variables: boolean): Test => {
  const patterns = values.map((value) => compilePattern(value, { variables, wildcards: true }));
  return (value, lookup) => patterns.some((pattern) => matchesPattern(pattern, value, lookup));
};

const arn = (values: readonly string[], variables: boolean): Test => {
  const patterns = values.map((value) => compileArn(value, variables));
  return (value, lookup) => patterns.some((pattern) => matchesArn(pattern, value, lookup));
};

const bool = (values: readonly string[]): Test => {
  const wanted = values.map((value) => value.toLowerCase());
  return (value) => wanted.includes(value.toLowerCase());
};

const binary = (values: readonly string[]): Test => {
  const wanted = values.map((value) => Buffer.from(value, "base64"));
  return (value) => wanted.some((bytes) => bytes.equals(Buffer.from(value, "base64")));
};

const ordered =
  (read: (value: string) => number | undefined, compare: (given: number, wanted: number) => boolean) =>
  (values: readonly string[]): Test => {
    const wanted = values.map((value) => {
      const number = read(value);
      if (number === undefined) throw new MalformedPolicy("The policy failed legacy parsing");
      return number;
    });
    return (value) => {
      const given = read(value);
      return given !== undefined && wanted.some((bound) => compare(given, bound));
    };
  };

const numeric = (compare: (given: number, wanted: number) => boolean) => ordered(numberOf, compare);
const date = (compare: (given: number, wanted: number) => boolean) => ordered(instantOf, compare);

function numberOf(value: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value.trim()) ? Number(value) : undefined;
}

const iso = /^\d{4}-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)?$/i;

/** Milliseconds; ISO 8601 without a zone is UTC, a bare number is epoch seconds. */
function instantOf(value: string): number | undefined {
  if (/^-?\d{5,}(\.\d+)?$/.test(value)) return Number(value) * 1000;
  if (!iso.test(value)) return undefined;
  const zoned = /T/i.test(value) && !/(Z|[+-]\d\d:?\d\d)$/i.test(value) ? `${value}Z` : value;
  const instant = Date.parse(zoned);
  return Number.isNaN(instant) ? undefined : instant;
}

const address = (values: readonly string[]): Test => {
  const list = new BlockList();
  for (const value of values) addSubnet(list, value);
  return (value) => {
    const family = isIP(value);
    return family !== 0 && list.check(value, family === 6 ? "ipv6" : "ipv4");
  };
};

function addSubnet(list: BlockList, value: string): void {
  const [network = "", prefix] = value.split("/");
  const family = isIP(network);
  const longest = family === 6 ? 128 : 32;
  const bits = prefix === undefined ? longest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (family === 0 || !(bits <= longest)) throw new MalformedPolicy("The policy failed legacy parsing");
  list.addSubnet(network, bits, family === 6 ? "ipv6" : "ipv4");
}

const is = (compile: Operator["compile"]): Operator => ({ negated: false, compile });
const isNot = (compile: Operator["compile"]): Operator => ({ negated: true, compile });

/** By lower-cased name; operators are written in any case. */
export const operators: ReadonlyMap<string, Operator> = new Map([
  ["null", isAbsent],
  ["stringequals", is(text)],
  ["stringnotequals", isNot(text)],
  ["stringequalsignorecase", is(textInAnyCase)],
  ["stringnotequalsignorecase", isNot(textInAnyCase)],
  ["stringlike", is(like)],
  ["stringnotlike", isNot(like)],
  ["arnequals", is(arn)],
  ["arnlike", is(arn)],
  ["arnnotequals", isNot(arn)],
  ["arnnotlike", isNot(arn)],
  ["bool", is(bool)],
  ["binaryequals", is(binary)],
  ["ipaddress", is(address)],
  ["notipaddress", isNot(address)],
  ["numericequals", is(numeric((given, wanted) => given === wanted))],
  ["numericnotequals", isNot(numeric((given, wanted) => given === wanted))],
  ["numericlessthan", is(numeric((given, wanted) => given < wanted))],
  ["numericlessthanequals", is(numeric((given, wanted) => given <= wanted))],
  ["numericgreaterthan", is(numeric((given, wanted) => given > wanted))],
  ["numericgreaterthanequals", is(numeric((given, wanted) => given >= wanted))],
  ["dateequals", is(date((given, wanted) => given === wanted))],
  ["datenotequals", isNot(date((given, wanted) => given === wanted))],
  ["datelessthan", is(date((given, wanted) => given < wanted))],
  ["datelessthanequals", is(date((given, wanted) => given <= wanted))],
  ["dategreaterthan", is(date((given, wanted) => given > wanted))],
  ["dategreaterthanequals", is(date((given, wanted) => given >= wanted))],
]);
