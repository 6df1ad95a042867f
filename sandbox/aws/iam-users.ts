import type { Call } from "./call.ts";
import { type IamActions, iamArn } from "./iam-action.ts";
import { conflict, exists, findUser, holderArn, holderContext, iso, userKind } from "./iam-holder.ts";
import { freshId } from "./iam-ids.ts";
import { checkAttachable } from "./iam-managed.ts";
import { optional, page, requestTags, required, rules, tagsOf } from "./iam-parameters.ts";
import { userXml } from "./iam-shapes.ts";
import type { User } from "./state.ts";
import type { XmlValue } from "./xml.ts";

const named = (call: Call): string => holderArn(userKind, call);
const about = (call: Call) => holderContext(userKind, call);

export const userActions: IamActions = {
  CreateUser: {
    resource: (call) =>
      iamArn(call.account, "user", call.parameters.get("UserName") ?? "", call.parameters.get("Path")),
    context: (call) => ({ ...about(call), ...requestTags(call) }),
    run: createUser,
  },
  GetUser: { resource: named, context: about, run: (call) => ({ User: userXml(call.account, findUser(call)) }) },
  ListUsers: {
    resource: (call) => `arn:aws:iam::${call.account.id}:user${call.parameters.get("PathPrefix") ?? "/"}`,
    run: listUsers,
  },
  DeleteUser: { resource: named, context: about, run: deleteUser },
  ListGroupsForUser: {
    resource: named,
    run: (call) => {
      findUser(call);
      return { Groups: [], IsTruncated: false };
    },
  },
};

function createUser(call: Call): XmlValue {
  const name = required(call, "UserName", rules.userName);
  if (call.account.users.some((user) => user.name.toLowerCase() === name.toLowerCase())) {
    throw exists(`User with name ${name} already exists.`);
  }
  const boundary = optional(call, "PermissionsBoundary", rules.arn);
  if (boundary !== undefined) checkAttachable(call, boundary, "boundary");
  const user: User = {
    name,
    path: optional(call, "Path", rules.path) ?? "/",
    id: freshId("AIDA"),
    createdAt: iso(call.now),
    inlinePolicies: {},
    attachedPolicyArns: [],
    ...(boundary === undefined ? {} : { permissionsBoundaryArn: boundary }),
    tags: tagsOf(call),
    accessKeys: [],
    mfaDevices: [],
  };
  call.account.users.push(user);
  return { User: userXml(call.account, user) };
}

function listUsers(call: Call): XmlValue {
  const prefix = optional(call, "PathPrefix", rules.pathPrefix) ?? "/";
  const users = call.account.users.filter((user) => user.path.startsWith(prefix));
  const { items, rest } = page(call, users, (user) => user.name);
  return { Users: items.map((user) => userXml(call.account, user, true)), ...rest };
}

function deleteUser(call: Call): XmlValue {
  required(call, "UserName", rules.userName);
  const user = findUser(call);
  const must = (what: string) => conflict(`Cannot delete entity, must ${what} first.`);
  if (user.accessKeys.length > 0) throw must("delete access keys");
  if (user.mfaDevices.length > 0) throw must("delete MFA device");
  if (user.attachedPolicyArns.length > 0) throw must("detach all policies");
  if (Object.keys(user.inlinePolicies).length > 0) throw must("delete policies");
  call.account.users.splice(call.account.users.indexOf(user), 1);
  return undefined;
}
