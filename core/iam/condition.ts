import { MalformedPolicy } from "#/core/iam/malformed.ts";
import { isAbsent, type Operator, operators } from "#/core/iam/operators.ts";
import type { Keys } from "#/core/iam/request.ts";

/** One `operator: { key: values }` of a Condition element. All of a statement's must hold. */
export interface Condition {
  /** As written: `ForAllValues:StringEqualsIfExists`. */
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
  readonly holds: (keys: Keys) => boolean;
}

/** Throws {@link MalformedPolicy}; no Condition element is an empty list. */
export function compileConditions(element: unknown, variables: boolean): Condition[] {
  if (element === undefined) return [];
  return entriesOf(element).flatMap(([operator, keys]) =>
    entriesOf(keys).map(([key, values]) => compileCondition(operator, key, valuesOf(values), variables)),
  );
}

const written = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/i;

function compileCondition(operator: string, key: string, values: string[], variables: boolean): Condition {
  const [, quantifier, name = "", ifExists] = written.exec(operator) ?? [];
  const compare = operators.get(name.toLowerCase());
  if (compare === undefined || (ifExists !== undefined && compare === isAbsent)) {
    throw new MalformedPolicy("Syntax errors in policy.");
  }
  if (!key.includes(":")) {
    throw new MalformedPolicy("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  }
  const holds = withAbsence(compare, values, variables, {
    key,
    forAll: quantifier?.toLowerCase() === "forallvalues",
    forAny: quantifier?.toLowerCase() === "foranyvalue",
    ifExists: ifExists !== undefined,
  });
  return { operator, key, values, holds };
}

interface Quantified {
  readonly key: string;
  readonly forAll: boolean;
  readonly forAny: boolean;
  readonly ifExists: boolean;
}

/**
 * An absent key fails the condition, but for IfExists, ForAllValues, and the negated operators without ForAnyValue.
 * A plain operator on a many-valued key asks for any match, a negated one for no match at all.
 */
function withAbsence(operator: Operator, values: string[], variables: boolean, how: Quantified): Condition["holds"] {
  const test = operator.compile(values, variables);
  if (operator === isAbsent) return (keys) => test(String(keys.all(how.key) === undefined), keys.one);
  const whenAbsent = how.ifExists || how.forAll || (operator.negated && !how.forAny);
  const every = how.forAll || (operator.negated && !how.forAny);
  return (keys) => {
    const given = keys.all(how.key);
    if (given === undefined) return whenAbsent;
    const holds = (value: string) => test(value, keys.one) !== operator.negated;
    return every ? given.every(holds) : given.some(holds);
  };
}

function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MalformedPolicy("Syntax errors in policy.");
  }
  return Object.entries(value);
}

function valuesOf(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (typeof item === "string" || typeof item === "number" || typeof item === "boolean") return String(item);
    throw new MalformedPolicy("Syntax errors in policy.");
  });
}
