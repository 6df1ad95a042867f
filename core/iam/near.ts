import { mismatchOf, type StatementElement, statementElements } from "#/core/iam/match.ts";
import type { Policy, Statement } from "#/core/iam/policy.ts";
import { Keys, type Request } from "#/core/iam/request.ts";

/** The Allow that comes nearest to a request it does not allow, and what is in its way. */
export interface NearMiss {
  readonly sid: string | undefined;
  /** Place of the statement in its document, from 0. */
  readonly index: number;
  /** All elements before this one match: Principal, Action, Resource, Condition. */
  readonly element: StatementElement;
  /** The conditions that do not hold, where a condition is in the way. */
  readonly conditions: readonly UnmetCondition[];
}

export interface UnmetCondition {
  readonly operator: string;
  readonly key: string;
  readonly wanted: readonly string[];
  /** Undefined when the request does not carry the key. */
  readonly given: readonly string[] | undefined;
}

/** For preflight: what to change so that it works. Undefined when a statement allows, or none is an Allow. */
export function nearestMiss(request: Request, policy: Policy): NearMiss | undefined {
  const keys = new Keys(request);
  const allows = policy.statements.filter(({ effect }) => effect === "Allow");
  const misses = allows.map((statement) => ({ statement, element: mismatchOf(statement, request, keys) }));
  if (misses.some(({ element }) => element === undefined)) return undefined;
  const nearest = [...statementElements].reverse().find((one) => misses.some(({ element }) => element === one));
  const found = misses.find(({ element }) => element === nearest);
  if (nearest === undefined || found === undefined) return undefined;
  const { sid, index } = found.statement;
  return { sid, index, element: nearest, conditions: nearest === "Condition" ? unmet(found.statement, keys) : [] };
}

const unmet = ({ conditions }: Statement, keys: Keys): UnmetCondition[] =>
  conditions
    .filter(({ holds }) => !holds(keys))
    .map(({ operator, key, values }) => ({ operator, key, wanted: values, given: keys.all(key) }));
