import { createHash } from "node:crypto";
import { AwsError, type Call } from "./call.ts";
import { everything, type IamActions, iamArn } from "./iam-action.ts";
import { awsManagedPolicies } from "./iam-aws-managed.ts";
import { readDocument, sizeOf } from "./iam-documents.ts";
import { conflict, exists, holdersOf, iso, limit, notFound } from "./iam-holder.ts";
import { freshId } from "./iam-ids.ts";
import { optional, page, requestTags, required, rules, tagsOf } from "./iam-parameters.ts";
import { tagsXml } from "./iam-shapes.ts";
import type { Account, ManagedPolicy } from "./state.ts";
import type { XmlValue } from "./xml.ts";

/** The customer's policy of this account or AWS's own; undefined when there is none by that ARN. */
export function managedPolicy(account: Account, arn: string): ManagedPolicy | undefined {
  return account.managedPolicies.find((policy) => policy.arn === arn) ?? awsManagedPolicies.get(arn);
}

export const managedName = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);

const named = (call: Call): string => call.parameters.get("PolicyArn") ?? "*";

/** Managed policies; their versions are in iam-versions.ts. */
export const managedActions: IamActions = {
  CreatePolicy: {
    resource: (call) => policyArn(call),
    context: requestTags,
    run: createPolicy,
  },
  GetPolicy: { resource: named, run: (call) => ({ Policy: policyXml(call.account, findPolicy(call)) }) },
  ListPolicies: { resource: everything, run: listPolicies },
  DeletePolicy: { resource: named, run: deletePolicy },
  ListEntitiesForPolicy: { resource: named, run: listEntities },
};

export function findPolicy(call: Call): ManagedPolicy {
  const arn = required(call, "PolicyArn", rules.arn);
  const policy = managedPolicy(call.account, arn);
  if (policy === undefined) throw notFound(`Policy ${arn} was not found.`);
  return policy;
}

/** The customer's own: AWS's policies cannot be changed. */
export function findOwnPolicy(call: Call): ManagedPolicy {
  const policy = findPolicy(call);
  if (isAwsOwned(policy)) throw new AwsError("AccessDenied", "Policy is outside your own account.", 403);
  return policy;
}

/** As a policy to attach, or as a permissions boundary, which AWS calls the scope. */
export function checkAttachable(call: Call, arn: string, as: "policy" | "boundary"): void {
  if (!/^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/.+$/.test(arn)) {
    throw new AwsError("InvalidInput", `ARN ${arn} is not valid.`);
  }
  if (managedPolicy(call.account, arn) !== undefined) return;
  const what = as === "policy" ? "Policy" : "Scope ARN:";
  throw notFound(`${what} ${arn} does not exist or is not attachable.`);
}

export function policyXml(account: Account, policy: ManagedPolicy, listed = false): { [name: string]: XmlValue } {
  const holders = holdersOf(account);
  const createdAt = policy.createdAt ?? awsCreatedAt;
  const tags = policy.tags ?? {};
  return {
    PolicyName: policy.name,
    PolicyId: policy.id ?? derivedId(policy.arn),
    Arn: policy.arn,
    Path: policyPath(policy.arn),
    DefaultVersionId: policy.defaultVersion ?? "v1",
    AttachmentCount: holders.filter(({ attachedPolicyArns }) => attachedPolicyArns.includes(policy.arn)).length,
    PermissionsBoundaryUsageCount: holders.filter((holder) => holder.permissionsBoundaryArn === policy.arn).length,
    IsAttachable: true,
    Description: listed ? undefined : policy.description,
    CreateDate: iso(createdAt),
    UpdateDate: iso(policy.updatedAt ?? createdAt),
    Tags: listed || Object.keys(tags).length === 0 ? undefined : tagsXml(tags),
  };
}

/** Where neither we nor the story know when a policy was made: the day AWS published its first managed ones. */
export const awsCreatedAt = "2015-02-06T18:39:46Z";

const policyPath = (arn: string) => arn.slice(arn.indexOf("/"), arn.lastIndexOf("/") + 1);

const isAwsOwned = ({ arn }: ManagedPolicy) => /^arn:aws[a-z-]*:iam::aws:/.test(arn);

const derivedId = (arn: string) =>
  `ANPA${createHash("sha256")
    .update(arn)
    .digest("hex")
    .toUpperCase()
    .replace(/[0189]/g, "Z")
    .slice(0, 17)}`;

const policyArn = (call: Call) =>
  iamArn(call.account, "policy", call.parameters.get("PolicyName") ?? "", call.parameters.get("Path"));

function createPolicy(call: Call): XmlValue {
  const name = required(call, "PolicyName", rules.policyName);
  const document = required(call, "PolicyDocument", rules.document);
  optional(call, "Path", rules.path);
  const own = call.account.managedPolicies.filter((policy) => !isAwsOwned(policy));
  if (own.some((policy) => policy.name.toLowerCase() === name.toLowerCase())) {
    throw exists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
  }
  checkManagedDocument(document);
  const description = optional(call, "Description", { max: 1000 });
  const policy: ManagedPolicy = {
    arn: policyArn(call),
    name,
    document,
    id: freshId("ANPA"),
    createdAt: iso(call.now),
    ...(description === undefined ? {} : { description }),
    tags: tagsOf(call),
  };
  call.account.managedPolicies.push(policy);
  return { Policy: policyXml(call.account, policy) };
}

export function checkManagedDocument(document: string): void {
  readDocument(document, "identity");
  if (sizeOf(document) > 6144) throw limit("Cannot exceed quota for PolicySize: 6144");
}

function listPolicies(call: Call): XmlValue {
  const scope = optional(call, "Scope", { pattern: "All|AWS|Local" }) ?? "All";
  const prefix = optional(call, "PathPrefix", rules.pathPrefix) ?? "/";
  const onlyAttached = call.parameters.get("OnlyAttached") === "true";
  const all = new Map([...awsManagedPolicies, ...call.account.managedPolicies.map((one) => [one.arn, one] as const)]);
  const attached = new Set(holdersOf(call.account).flatMap(({ attachedPolicyArns }) => attachedPolicyArns));
  const shown = [...all.values()].filter(
    (policy) =>
      (scope === "All" || isAwsOwned(policy) === (scope === "AWS")) &&
      policyPath(policy.arn).startsWith(prefix) &&
      (!onlyAttached || attached.has(policy.arn)),
  );
  const { items, rest } = page(call, shown, ({ arn, name }) => `${name} ${arn}`);
  return { Policies: items.map((policy) => policyXml(call.account, policy, true)), ...rest };
}

function deletePolicy(call: Call): XmlValue {
  const policy = findOwnPolicy(call);
  const used = holdersOf(call.account).some(
    (holder) => holder.attachedPolicyArns.includes(policy.arn) || holder.permissionsBoundaryArn === policy.arn,
  );
  if (used) throw conflict("Cannot delete a policy attached to entities.");
  if ((policy.versions?.length ?? 1) > 1) {
    throw conflict(
      "This policy has more than one version. Before you delete a policy, you must delete the policy's versions.",
    );
  }
  call.account.managedPolicies.splice(call.account.managedPolicies.indexOf(policy), 1);
  return undefined;
}

function listEntities(call: Call): XmlValue {
  const { arn } = findPolicy(call);
  const { roles, users } = call.account;
  return {
    PolicyGroups: [],
    PolicyUsers: users
      .filter(({ attachedPolicyArns }) => attachedPolicyArns.includes(arn))
      .map(({ name, id }) => ({ UserName: name, UserId: id })),
    PolicyRoles: roles
      .filter(({ attachedPolicyArns }) => attachedPolicyArns.includes(arn))
      .map(({ name, id }) => ({ RoleName: name, RoleId: id })),
    IsTruncated: false,
  };
}
