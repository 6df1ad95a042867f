import { type Decision, evaluate, type Policies } from "#/core/iam/evaluate.ts";
import type { Matched } from "#/core/iam/match.ts";
import { Keys, type Principal, type Request } from "#/core/iam/request.ts";
import { AwsError, type Call } from "./call.ts";
import { everything, type IamActions } from "./iam-action.ts";
import { members, optional, page, required, rules } from "./iam-parameters.ts";
import { customSource, principalSource, type Source } from "./iam-sources.ts";
import { statementSpan } from "./iam-span.ts";
import type { XmlValue } from "./xml.ts";

const named = (call: Call): string => call.parameters.get("PolicySourceArn") ?? "*";

/** What the policies would answer, and which statements say so. Decided by the evaluator that decides real calls. */
export const simulateActions: IamActions = {
  SimulatePrincipalPolicy: { resource: named, run: (call) => simulate(call, principalSource(call)) },
  SimulateCustomPolicy: { resource: everything, run: (call) => simulate(call, customSource(call)) },
  GetContextKeysForPrincipalPolicy: {
    resource: named,
    run: (call) => ({ ContextKeyNames: contextKeysIn(principalSource(call)) }),
  },
  GetContextKeysForCustomPolicy: {
    resource: everything,
    run: (call) => ({ ContextKeyNames: contextKeysIn(customSource(call)) }),
  },
};

function simulate(call: Call, source: Source): XmlValue {
  const actions = members(call, "ActionNames");
  if (actions.length === 0) required(call, "ActionNames", rules.any);
  const given = members(call, "ResourceArns");
  const resources = given.length === 0 ? ["*"] : given;
  const asked = actions.flatMap((action) => resources.map((resource) => ({ action, resource })));
  const numbered = asked.map((one, nth) => ({ ...one, key: String(nth).padStart(6, "0") }));
  const { items, rest } = page(call, numbered, ({ key }) => key);
  return { EvaluationResults: items.map((one) => result(call, source, one.action, one.resource)), ...rest };
}

function result(call: Call, source: Source, action: string, resource: string): XmlValue {
  if (!/^[\w-]+:\w+$/.test(action)) throw new AwsError("InvalidInput", `Invalid action name: ${action}`);
  const request = requestOf(call, source.principal, action, resource);
  const decision = evaluate(request, source.policies);
  const keys = new Keys(request);
  const details = {
    MatchedStatements: decidingOf(decision).map((statement) => statementXml(statement, source)),
    MissingContextValues: contextKeysIn(source).filter((key) => keys.all(key) === undefined),
    PermissionsBoundaryDecisionDetail: boundaryDetail(decision, source.policies),
  };
  return {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: decision.effect,
    ...details,
    ResourceSpecificResults: [{ EvalResourceName: resource, EvalResourceDecision: decision.effect, ...details }],
  };
}

function requestOf(call: Call, principal: Principal, action: string, resource: string): Request {
  const owner = optional(call, "ResourceOwner", rules.any);
  const account = owner === undefined ? undefined : (/\d{12}/.exec(owner)?.[0] ?? undefined);
  return {
    principal,
    action,
    resource,
    ...(account === undefined ? {} : { resourceAccount: account }),
    context: contextEntries(call),
  };
}

function contextEntries(call: Call): Record<string, readonly string[]> {
  const entries: [string, string[]][] = [];
  for (let nth = 1; ; nth += 1) {
    const name = call.parameters.get(`ContextEntries.member.${nth}.ContextKeyName`);
    if (name === undefined) return Object.fromEntries(entries);
    entries.push([name, members(call, `ContextEntries.member.${nth}.ContextKeyValues`)]);
  }
}

/** AWS shows the statements that led to the answer: the denying ones of a denial, else the allowing ones. */
function decidingOf({ effect, matched }: Decision): readonly Matched[] {
  return effect === "explicitDeny" ? matched.filter((statement) => statement.effect === "Deny") : matched;
}

function statementXml(statement: Matched, source: Source): XmlValue {
  const document = source.documents.get(statement.policy) ?? "";
  const { start, end } = statementSpan(document, statement.index);
  return {
    SourcePolicyId: statement.policy,
    SourcePolicyType: statement.kind === "resource" ? "Resource Policy" : "IAM Policy",
    StartPosition: start,
    EndPosition: end,
  };
}

function boundaryDetail({ effect, matched }: Decision, { boundary }: Policies): XmlValue {
  if (boundary === undefined) return undefined;
  const own = matched.filter(({ kind }) => kind === "boundary");
  const allows = own.some((one) => one.effect === "Allow") && !own.some((one) => one.effect === "Deny");
  return { AllowedByPermissionsBoundary: effect === "allowed" || allows };
}

/** Keys in conditions, and in policy variables. */
function contextKeysIn(source: Source): string[] {
  const { identity, boundary, resource } = source.policies;
  const policies = [
    ...identity,
    ...(boundary === undefined ? [] : [boundary]),
    ...(resource === undefined ? [] : [resource]),
  ];
  const inConditions = policies.flatMap(({ policy }) =>
    policy.statements.flatMap(({ conditions }) => conditions.map(({ key }) => key)),
  );
  const variables = [...source.documents.values()].flatMap((document) =>
    [...document.matchAll(/\$\{([\w.:/+=@-]+)/g)].flatMap(([, key]) => (key === undefined ? [] : [key])),
  );
  return [...new Set([...inConditions, ...variables])].sort();
}
