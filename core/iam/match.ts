import { matchesArn, matchesPattern } from "#/core/iam/pattern.ts";
import type { Element, NamedPolicy, PolicyKind, Statement } from "#/core/iam/policy.ts";
import { type Naming, namingByStar, namingOf, sparedBy } from "#/core/iam/principal.ts";
import type { Keys, Request } from "#/core/iam/request.ts";

/** A statement that matches the request, and where it stands. */
export interface Matched {
  readonly kind: PolicyKind;
  readonly policy: string;
  readonly effect: "Allow" | "Deny";
  readonly sid: string | undefined;
  /** Place of the statement in its document, from 0. */
  readonly index: number;
  /** How closely a trust or resource policy names the principal. */
  readonly naming: Naming | undefined;
  /** Of an SCP: 0 is the organisation's root. */
  readonly level: number;
}

export function matchingStatements(
  request: Request,
  keys: Keys,
  named: NamedPolicy,
  kind: PolicyKind,
  level: number,
): Matched[] {
  return named.policy.statements.flatMap((statement) => {
    const naming = statement.principals && principalNaming(statement, request);
    const speaks = statement.principals === undefined || naming !== undefined;
    if (!(speaks && mismatches(statement, request, keys).length === 0)) return [];
    const { effect, sid, index } = statement;
    return [{ kind, policy: named.name, effect, sid, index, naming, level }];
  });
}

/** Why a statement does not speak about the request; Principal apart. Empty when it does. */
function mismatches(statement: Statement, request: Request, keys: Keys): string[] {
  if (!matchesAction(statement, request.action)) return ["Action"];
  if (!matchesResource(statement, request.resource, keys)) return ["Resource"];
  return statement.conditions.every(({ holds }) => holds(keys)) ? [] : ["Condition"];
}

function principalNaming({ principals, effect }: Statement, request: Request): Naming | undefined {
  if (principals === undefined) return undefined;
  const naming = namingOf(principals.any, request.principal);
  if (!principals.not) return naming;
  const spared = effect === "Deny" ? sparedBy(principals.any, request.principal) : naming !== undefined;
  return spared ? undefined : namingByStar(request.principal);
}

const matchesAction = ({ actions }: Statement, action: string) =>
  holds(actions, (pattern) => matchesPattern(pattern, action.toLowerCase(), () => undefined));

const matchesResource = ({ resources }: Statement, resource: string, keys: Keys) =>
  resources === undefined || holds(resources, (pattern) => matchesArn(pattern, resource, keys.one));

const holds = <Of>({ not, any }: Element<Of>, matches: (item: Of) => boolean) => any.some(matches) !== not;
