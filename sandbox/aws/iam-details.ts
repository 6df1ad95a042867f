import type { Call } from "./call.ts";
import { everything, type IamActions } from "./iam-action.ts";
import { awsManagedPolicies } from "./iam-aws-managed.ts";
import { holdersOf } from "./iam-holder.ts";
import { managedName, policyXml } from "./iam-managed.ts";
import { members, page } from "./iam-parameters.ts";
import { boundaryXml, roleXml, tagsXml, userXml } from "./iam-shapes.ts";
import { allVersions } from "./iam-versions.ts";
import type { Account, ManagedPolicy, Role, User } from "./state.ts";
import type { XmlValue } from "./xml.ts";

export const detailActions: IamActions = {
  GetAccountAuthorizationDetails: { resource: everything, run: authorizationDetails },
};

interface Entry {
  readonly key: string;
  readonly list: "UserDetailList" | "RoleDetailList" | "Policies";
  readonly xml: XmlValue;
}

/** Users, roles and policies with everything that decides. One list, so that one marker pages through all three. */
function authorizationDetails(call: Call): XmlValue {
  const filter = members(call, "Filter");
  const wanted = (name: string) => filter.length === 0 || filter.includes(name);
  const { account } = call;
  const policies = [...account.managedPolicies, ...attachedAwsPolicies(account)];
  const entries: Entry[] = [
    ...(wanted("User") ? account.users.map((user) => userEntry(account, user)) : []),
    ...(wanted("Role") ? account.roles.map((role) => roleEntry(account, role)) : []),
    ...policies
      .filter(({ arn }) => wanted(arn.includes("::aws:") ? "AWSManagedPolicy" : "LocalManagedPolicy"))
      .map((policy) => policyEntry(account, policy)),
  ];
  const { items, rest } = page(call, entries, ({ key }) => key);
  const shown = (list: Entry["list"]) => items.filter((entry) => entry.list === list).map(({ xml }) => xml);
  return {
    UserDetailList: shown("UserDetailList"),
    GroupDetailList: [],
    RoleDetailList: shown("RoleDetailList"),
    Policies: shown("Policies"),
    ...rest,
  };
}

function attachedAwsPolicies(account: Account): ManagedPolicy[] {
  const arns = new Set(holdersOf(account).flatMap(({ attachedPolicyArns }) => attachedPolicyArns));
  const own = new Set(account.managedPolicies.map(({ arn }) => arn));
  return [...awsManagedPolicies.values()].filter(({ arn }) => arns.has(arn) && !own.has(arn));
}

const userEntry = (account: Account, user: User): Entry => ({
  key: `1 ${user.name}`,
  list: "UserDetailList",
  xml: {
    ...userXml(account, user),
    UserPolicyList: inlineXml(user),
    GroupList: [],
    AttachedManagedPolicies: attachedXml(user),
    PermissionsBoundary: boundaryXml(user.permissionsBoundaryArn),
    Tags: tagsXml(user.tags),
  },
});

const roleEntry = (account: Account, role: Role): Entry => ({
  key: `2 ${role.name}`,
  list: "RoleDetailList",
  xml: {
    ...roleXml(account, role, true),
    InstanceProfileList: [],
    RolePolicyList: inlineXml(role),
    AttachedManagedPolicies: attachedXml(role),
    PermissionsBoundary: boundaryXml(role.permissionsBoundaryArn),
    Tags: tagsXml(role.tags),
  },
});

const policyEntry = (account: Account, policy: ManagedPolicy): Entry => ({
  key: `3 ${policy.arn}`,
  list: "Policies",
  xml: { ...policyXml(account, policy, true), PolicyVersionList: allVersions(policy) },
});

const inlineXml = (holder: Role | User): XmlValue =>
  Object.entries(holder.inlinePolicies).map(([name, document]) => ({
    PolicyName: name,
    PolicyDocument: encodeURIComponent(document),
  }));

const attachedXml = (holder: Role | User): XmlValue =>
  holder.attachedPolicyArns.map((arn) => ({ PolicyName: managedName(arn), PolicyArn: arn }));
