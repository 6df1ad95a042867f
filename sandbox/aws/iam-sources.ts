import type { Policies } from "#/core/iam/evaluate.ts";
import type { Form, NamedPolicy } from "#/core/iam/policy.ts";
import type { Principal } from "#/core/iam/request.ts";
import { AwsError, type Call } from "./call.ts";
import { iamArn } from "./iam-action.ts";
import { readDocument } from "./iam-documents.ts";
import { notFound } from "./iam-holder.ts";
import { managedName, managedPolicy } from "./iam-managed.ts";
import { members, optional, required, rules } from "./iam-parameters.ts";
import type { Account, Role, User } from "./state.ts";

/** Whom a simulation is about, and the policies it is held against; `documents` by the name an answer shows. */
export interface Source {
  readonly principal: Principal;
  readonly policies: Policies;
  readonly documents: ReadonlyMap<string, string>;
}

type Document = readonly [name: string, text: string];

/** A user or role of the caller's account with what hangs on it, and further policies as if they did too. */
export function principalSource(call: Call): Source {
  const arn = required(call, "PolicySourceArn", rules.arn);
  const { holder, principal } = findHolder(call.account, arn);
  const prefix = `${"trustPolicy" in holder ? "role" : "user"}_${holder.name}_`;
  const inline = Object.entries(holder.inlinePolicies).map(([name, text]) => [prefix + name, text] as const);
  const attached = holder.attachedPolicyArns.flatMap((of) => documentOf(call.account, of));
  const own = holder.permissionsBoundaryArn;
  const boundary = own === undefined ? [] : documentOf(call.account, own);
  return source(call, principal, [...inline, ...attached], boundary);
}

/** Policies given with the call alone. Without CallerArn the caller is a user of the account. */
export function customSource(call: Call): Source {
  if (members(call, "PolicyInputList").length === 0) required(call, "PolicyInputList", rules.any);
  const { id: account } = call.account;
  const arn = `arn:aws:iam::${account}:user/simulated`;
  return source(call, { type: "User", account, arn, name: "simulated", id: "AIDASIMULATED" }, [], []);
}

function source(call: Call, own: Principal, held: readonly Document[], boundary: readonly Document[]): Source {
  const callerArn = optional(call, "CallerArn", rules.arn);
  const principal = callerArn === undefined ? own : findHolder(call.account, callerArn).principal;
  const identity = [...held, ...inputs(call, "PolicyInputList")];
  const [limit] = [...inputs(call, "PermissionsBoundaryPolicyInputList"), ...boundary];
  const resource = optional(call, "ResourcePolicy", rules.document);
  const policies: Policies = {
    identity: identity.map((one) => read(one, "identity")),
    ...(limit === undefined ? {} : { boundary: read(limit, "identity") }),
    ...(resource === undefined ? {} : { resource: read(["ResourcePolicy", resource], "resource") }),
  };
  const documents: Document[] = [
    ...identity,
    ...(limit === undefined ? [] : [limit]),
    ["ResourcePolicy", resource ?? ""],
  ];
  return { principal, policies, documents: new Map(documents) };
}

const inputs = (call: Call, parameter: string): Document[] =>
  members(call, parameter).map((text, nth) => [`${parameter}.${nth + 1}`, text] as const);

const read = ([name, text]: Document, form: Form): NamedPolicy => ({ name, policy: readDocument(text, form) });

function documentOf(account: Account, arn: string): Document[] {
  const policy = managedPolicy(account, arn);
  return policy === undefined ? [] : [[managedName(arn), policy.document]];
}

function findHolder(account: Account, arn: string): { holder: Role | User; principal: Principal } {
  const role = account.roles.find((one) => iamArn(account, "role", one.name, one.path) === arn);
  const user = account.users.find((one) => iamArn(account, "user", one.name, one.path) === arn);
  if (role !== undefined) return { holder: role, principal: sessionOf(account, role) };
  if (user !== undefined) {
    const { name, id, tags } = user;
    return { holder: user, principal: { type: "User", account: account.id, arn, name, id, tags } };
  }
  if (!/^arn:aws[a-z-]*:iam::\d{12}:(user|role)\/.+$/.test(arn))
    throw new AwsError("InvalidInput", `Invalid Entity Arn: ${arn}`);
  throw notFound(`The entity with ARN ${arn} cannot be found.`);
}

const sessionOf = (account: Account, role: Role): Principal => ({
  type: "AssumedRole",
  account: account.id,
  arn: `arn:aws:sts::${account.id}:assumed-role/${role.name}/simulated`,
  roleArn: iamArn(account, "role", role.name, role.path),
  id: `${role.id}:simulated`,
  tags: role.tags,
});
