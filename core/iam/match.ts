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
    if (mismatchOf(statement, request, keys) !== undefined) return [];
    const { effect, sid, index } = statement;
    return [{ kind, policy: named.name, effect, sid, index, naming: principalNaming(statement, request), level }];
  });
}

/** In the order they are looked at: the later the first that fails, the nearer the statement. */
export const statementElements = ["Principal", "Action", "Resource", "Condition"] as const;
export type StatementElement = (typeof statementElements)[number];

/** The first element that keeps a statement from speaking about the request; undefined when it does speak. */
export function mismatchOf(statement: Statement, request: Request, keys: Keys): StatementElement | undefined {
  const named = statement.principals === undefined || principalNaming(statement, request) !== undefined;
  if (!named) return "Principal";
  if (!matchesAction(statement, request.action)) return "Action";
  if (!matchesResource(statement, request.resource, keys)) return "Resource";
  return statement.conditions.every(({ holds }) => holds(keys)) ? undefined : "Condition";
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
