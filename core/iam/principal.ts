import { MalformedPolicy } from "#/core/iam/malformed.ts";
import type { Principal } from "#/core/iam/request.ts";

/** One entry of a Principal element. `type` is the element's own word; `*` alone names everyone. */
export interface PrincipalPattern {
  readonly type: "*" | "AWS" | "Service" | "Federated" | "CanonicalUser";
  readonly value: string;
}

/**
 * How closely an entry names a principal; it decides what else must allow (IAM guide, "Policy evaluation logic"):
 * - `itself`: the user, the role session, a service, a provider. Inside one account this is enough.
 * - `role`, `user`: the role of a session, the user of a federated session. Boundary and session policy still limit.
 *   A star counts so for sessions: only a policy that names the session itself reaches past its session policy.
 * - `account`: whoever the account's own policies allow.
 */
export type Naming = "itself" | "role" | "user" | "account";

export function readPrincipals(value: unknown): PrincipalPattern[] {
  if (value === "*") return [{ type: "*", value: "*" }];
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MalformedPolicy("Syntax errors in policy.");
  }
  const patterns = Object.entries(value).flatMap(([type, given]) => {
    const list: unknown[] = Array.isArray(given) ? given : [given];
    return list.map((entry) => readPrincipal(type, entry));
  });
  if (patterns.length === 0) throw new MalformedPolicy("Missing required field Principal cannot be empty!");
  return patterns;
}

/** The closest naming among the entries; undefined when none names the principal. */
export function namingOf(patterns: readonly PrincipalPattern[], principal: Principal): Naming | undefined {
  const namings = patterns.map((pattern) => naming(pattern, principal));
  return closeness.find((close) => namings.includes(close));
}

/**
 * A Deny with NotPrincipal spares a principal only when its account, its role and the session are all listed: AWS may
 * check each of the three in turn (IAM guide, "NotPrincipal").
 */
export function sparedBy(patterns: readonly PrincipalPattern[], principal: Principal): boolean {
  if (patterns.some(({ type }) => type === "*")) return true;
  const namings = patterns.map((pattern) => naming(pattern, principal));
  return wholes[principal.type].every((part) => namings.includes(part));
}

const closeness = ["itself", "role", "user", "account"] as const satisfies readonly Naming[];

const wholes: Record<Principal["type"], readonly Naming[]> = {
  User: ["itself", "account"],
  AssumedRole: ["itself", "role", "account"],
  FederatedUser: ["itself", "account"],
  Root: ["account"],
  Service: ["itself"],
  Federated: ["itself"],
  Anonymous: ["itself"],
};

const canonicalForm = {
  AWS: /^(\*|\d{12}|A[A-Z0-9]{15,}|arn:aws[a-z-]*:(iam|sts)::\d{12}:(root|(user|role|assumed-role|federated-user)\/[\w+=,.@/-]+))$/,
  Service: /^(\*|[\w.-]+\.[\w.-]+)$/,
  Federated: /^(\*|[\w.:/-]+)$/,
  CanonicalUser: /^[0-9a-f]{64}$/,
} as const;

function readPrincipal(type: string, value: unknown): PrincipalPattern {
  const known = type === "AWS" || type === "Service" || type === "Federated" || type === "CanonicalUser";
  if (!known || typeof value !== "string") throw new MalformedPolicy("Syntax errors in policy.");
  if (!canonicalForm[type].test(value)) throw new MalformedPolicy(`Invalid principal in policy: "${type}":"${value}"`);
  return { type, value };
}

function naming({ type, value }: PrincipalPattern, principal: Principal): Naming | undefined {
  if (type === "*") return namingByStar(principal);
  if (type === "AWS") return namingInAws(value, principal);
  const named = principal.type === "Service" ? principal.service : undefined;
  const provider = principal.type === "Federated" ? principal.provider : undefined;
  const own = type === "Service" ? named : type === "Federated" ? provider : undefined;
  return own !== undefined && (value === "*" || value === own) ? "itself" : undefined;
}

function namingInAws(value: string, principal: Principal): Naming | undefined {
  if (principal.type === "Service" || principal.type === "Federated") return undefined;
  if (value === "*") return namingByStar(principal);
  if (principal.type === "Anonymous") return undefined;
  if (value === principal.account || rootOf(principal.account).test(value)) return "account";
  if (value === principal.arn || ("id" in principal && value === principal.id)) return "itself";
  return parentOf(principal).includes(value) ? (principal.type === "FederatedUser" ? "user" : "role") : undefined;
}

export function namingByStar(principal: Principal): Naming {
  if (principal.type === "AssumedRole") return "role";
  return principal.type === "FederatedUser" ? "user" : "itself";
}

function parentOf(principal: Principal): (string | undefined)[] {
  if (principal.type === "FederatedUser") return [principal.userArn];
  return principal.type === "AssumedRole" ? [principal.roleArn, principal.id.split(":")[0]] : [];
}

const rootOf = (account: string) => new RegExp(`^arn:aws[a-z-]*:iam::${account}:root$`);
