import { type Matched, matchingStatements } from "#/core/iam/match.ts";
import type { NamedPolicy, PolicyKind } from "#/core/iam/policy.ts";
import type { Naming } from "#/core/iam/principal.ts";
import { accountOf, Keys, type Principal, type Request } from "#/core/iam/request.ts";

/** Every policy that speaks about the request. Nothing is looked up: who calls has gathered them. */
export interface Policies {
  /** Inline and managed policies of the user or role. */
  readonly identity: readonly NamedPolicy[];
  /** Given as one list a mint: absent without a session policy, empty where one is needed and none was passed. */
  readonly session?: readonly NamedPolicy[];
  readonly boundary?: NamedPolicy;
  /** A bucket's policy, for one; widens inside an account, must allow across accounts. */
  readonly resource?: NamedPolicy;
  /** A role's trust policy: always must allow, in its own account too. */
  readonly trust?: NamedPolicy;
  /** One list a level, root first; each level must allow. None for the management account and service-linked roles. */
  readonly scps?: readonly (readonly NamedPolicy[])[];
}

export type Decision = Allowed | ExplicitDeny | ImplicitDeny;

interface Reasons {
  /** Every statement that matched, of every policy, in a fixed order: deciding ones first for an allow or a deny. */
  readonly matched: readonly Matched[];
  readonly crossAccount: boolean;
}

export interface Allowed extends Reasons {
  readonly effect: "allowed";
  /** The allowing statement; undefined where the root user acts in its own account. */
  readonly by: Matched | undefined;
}

export interface ExplicitDeny extends Reasons {
  readonly effect: "explicitDeny";
  readonly by: Matched;
}

export interface ImplicitDeny extends Reasons {
  readonly effect: "implicitDeny";
  /** The kind AWS names in its error. */
  readonly missing: PolicyKind;
  /** Every kind that would have to allow and does not. */
  readonly allMissing: readonly PolicyKind[];
}

/** Decides as the IAM guide's "Policy evaluation logic" does. Pure: equal arguments, equal decision. */
export function evaluate(request: Request, policies: Policies): Decision {
  const matched = matchAll(request, policies);
  const account = accountOf(request.principal);
  const crossAccount = account !== undefined && (request.resourceAccount ?? account) !== account;
  const reasons = { matched, crossAccount };
  const denying = matched.find(({ effect }) => effect === "Deny");
  if (denying !== undefined) return { effect: "explicitDeny", by: denying, ...reasons };
  const allMissing = missingKinds(request.principal, policies, matched, crossAccount);
  const [missing] = allMissing;
  if (missing !== undefined) return { effect: "implicitDeny", missing, allMissing, ...reasons };
  return { effect: "allowed", by: matched.find(({ effect }) => effect === "Allow"), ...reasons };
}

/** Of several denying policies the nearest to the principal is named; AWS says it names one and not which. */
function matchAll(request: Request, policies: Policies): Matched[] {
  const keys = new Keys(request);
  const among = (kind: PolicyKind, list: readonly NamedPolicy[], level = 0) =>
    list.flatMap((named) => matchingStatements(request, keys, named, kind, level));
  return [
    ...among("identity", policies.identity),
    ...among("session", policies.session ?? []),
    ...among("boundary", listOf(policies.boundary)),
    ...among("trust", listOf(policies.trust)),
    ...among("resource", listOf(policies.resource)),
    ...(policies.scps ?? []).flatMap((list, level) => among("scp", list, level)),
  ];
}

/** In AWS's order of evaluation: SCP, resource, identity, boundary, session. */
function missingKinds(
  principal: Principal,
  policies: Policies,
  matched: readonly Matched[],
  crossAccount: boolean,
): PolicyKind[] {
  const allows = matched.filter(({ effect }) => effect === "Allow");
  const allowed = (kind: PolicyKind) => allows.some((statement) => statement.kind === kind);
  const granting: PolicyKind = policies.trust === undefined ? "resource" : "trust";
  const exempt = exemptions(principal, crossAccount ? [] : namingsOf(allows, granting));
  const mustGrant = policies.trust !== undefined || crossAccount || !hasAccount(principal);
  const levels = hasAccount(principal) ? (policies.scps ?? []) : [];
  const kinds: (PolicyKind | false)[] = [
    levels.some((_, level) => !allows.some((by) => by.kind === "scp" && by.level === level)) && "scp",
    mustGrant && !allowed(granting) && granting,
    !exempt.has("identity") && !allowed("identity") && "identity",
    policies.boundary !== undefined && !exempt.has("boundary") && !allowed("boundary") && "boundary",
    policies.session !== undefined && !exempt.has("session") && !allowed("session") && "session",
  ];
  return kinds.filter((kind) => kind !== false);
}

const namingsOf = (allows: readonly Matched[], kind: PolicyKind) =>
  allows.flatMap(({ kind: of, naming }) => (of === kind && naming !== undefined ? [naming] : []));

const hasAccount = (principal: Principal) => accountOf(principal) !== undefined;

/**
 * What need not allow besides: the root user and principals without an account have no identity policies; inside one
 * account a resource policy that names the session or user itself is enough, one that names the session's role (or the
 * federated session's user) leaves boundary and session policy in force.
 */
function exemptions(principal: Principal, namings: readonly Naming[]): Set<PolicyKind> {
  if (principal.type === "Root" || !hasAccount(principal)) return new Set(["identity", "boundary", "session"]);
  if (namings.includes("itself")) return new Set(["identity", "boundary", "session"]);
  if (namings.includes("role") || namings.includes("user")) return new Set(["identity"]);
  return new Set();
}

const listOf = (named: NamedPolicy | undefined): readonly NamedPolicy[] => (named === undefined ? [] : [named]);
