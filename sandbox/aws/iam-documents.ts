import { MalformedPolicy } from "#/core/iam/malformed.ts";
import { type Form, type Policy, parsePolicy } from "#/core/iam/policy.ts";
import type { PrincipalPattern } from "#/core/iam/principal.ts";
import { AwsError, type Call } from "./call.ts";
import { limit } from "./iam-holder.ts";
import type { Organisation } from "./state.ts";

/** The document, or AWS's MalformedPolicyDocument with its reason. */
export function readDocument(document: string, form: Form): Policy {
  try {
    return parsePolicy(document, form);
  } catch (error) {
    if (error instanceof MalformedPolicy) throw new AwsError("MalformedPolicyDocument", error.message);
    throw error;
  }
}

/** A role's trust policy: grammar, size (2,048 characters without white space), and principals that exist. */
export function checkTrust(call: Call, document: string): void {
  const policy = readDocument(document, "trust");
  if (sizeOf(document) > 2048) throw limit("Cannot exceed quota for ACLSizePerRole: 2048");
  for (const pattern of policy.statements.flatMap(({ principals }) => principals?.any ?? [])) {
    if (principalExists(pattern, call.organisation)) continue;
    throw new AwsError("MalformedPolicyDocument", `Invalid principal in policy: "${pattern.type}":"${pattern.value}"`);
  }
}

/** IAM does not count white space when it holds a policy against its quota. */
export const sizeOf = (document: string): number => document.replace(/\s/g, "").length;

const principal = /^arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):(user|role|assumed-role)\/(.+)$/;

/** Users and roles of accounts that are not simulated are taken as given, as their accounts are not ours to see. */
function principalExists({ type, value }: PrincipalPattern, organisation: Organisation): boolean {
  if (type === "Service") return value === "*" || value.endsWith(".amazonaws.com");
  const [, accountId, kind, path = ""] = (type === "AWS" && principal.exec(value)) || [];
  const account = organisation.accounts.find(({ id }) => id === accountId);
  if (account === undefined) return true;
  if (kind === "assumed-role") return account.roles.some(({ name }) => path.startsWith(`${name}/`));
  const holders = kind === "role" ? account.roles : account.users;
  return holders.some((holder) => `${holder.path}${holder.name}` === `/${path}`);
}
