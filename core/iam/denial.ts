import type { ExplicitDeny, ImplicitDeny } from "#/core/iam/evaluate.ts";
import type { PolicyKind } from "#/core/iam/policy.ts";
import { nameOf, type Request } from "#/core/iam/request.ts";

/**
 * AWS's sentence for a refused call, as the IAM guide's "Troubleshoot access denied error messages" has it. CloudTrail
 * carries the same text, and a revocation's proof reads the words "explicit deny in an identity-based policy" there.
 */
export function denialMessage(request: Request, decision: ExplicitDeny | ImplicitDeny): string {
  const { principal, action, resource } = request;
  const on = resource === "*" ? "" : ` on resource: ${resource}`;
  const what = `User: ${nameOf(principal)} is not authorized to perform: ${action}${on}`;
  if (decision.effect === "explicitDeny") return `${what} with an explicit deny in ${explicit[decision.by.kind]}`;
  return `${what} because no ${implicit[decision.missing]} allows the ${action} action`;
}

const explicit: Record<PolicyKind, string> = {
  identity: "an identity-based policy",
  session: "a session policy",
  boundary: "a permissions boundary",
  resource: "a resource-based policy",
  trust: "the role trust policy",
  scp: "a service control policy",
};

const implicit: Record<PolicyKind, string> = {
  identity: "identity-based policy",
  session: "session policy",
  boundary: "permissions boundary",
  resource: "resource-based policy",
  trust: "role trust policy",
  scp: "service control policy",
};
