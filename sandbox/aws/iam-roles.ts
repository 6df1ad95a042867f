import type { Call } from "./call.ts";
import { type IamActions, iamArn } from "./iam-action.ts";
import { checkTrust } from "./iam-documents.ts";
import { conflict, exists, findRole, holderArn, holderContext, iso, modifiable, roleKind } from "./iam-holder.ts";
import { freshId } from "./iam-ids.ts";
import { checkAttachable } from "./iam-managed.ts";
import { integer, optional, page, requestTags, required, rules, tagsOf } from "./iam-parameters.ts";
import { roleXml } from "./iam-shapes.ts";
import type { Role } from "./state.ts";
import type { XmlValue } from "./xml.ts";

const named = (call: Call): string => holderArn(roleKind, call);
const about = (call: Call) => holderContext(roleKind, call);

export const roleActions: IamActions = {
  CreateRole: {
    resource: (call) =>
      iamArn(call.account, "role", call.parameters.get("RoleName") ?? "", call.parameters.get("Path")),
    context: (call) => ({ ...about(call), ...requestTags(call) }),
    run: createRole,
  },
  GetRole: {
    resource: named,
    context: about,
    run: (call) => ({ Role: { ...roleXml(call.account, findRole(call)), RoleLastUsed: {} } }),
  },
  ListRoles: {
    resource: (call) => `arn:aws:iam::${call.account.id}:role${call.parameters.get("PathPrefix") ?? "/"}`,
    run: listRoles,
  },
  UpdateRole: { resource: named, context: about, run: updateRole },
  UpdateRoleDescription: {
    resource: named,
    context: about,
    run: (call) => {
      const role = modifiable(findRole(call));
      role.description = required(call, "Description", { max: 1000 });
      return { Role: roleXml(call.account, role) };
    },
  },
  DeleteRole: { resource: named, context: about, run: deleteRole },
  UpdateAssumeRolePolicy: {
    resource: named,
    context: about,
    run: (call) => {
      const role = modifiable(findRole(call));
      const document = required(call, "PolicyDocument", rules.document);
      checkTrust(call, document);
      role.trustPolicy = document;
      return undefined;
    },
  },
  ListInstanceProfilesForRole: {
    resource: named,
    run: (call) => {
      findRole(call);
      return { InstanceProfiles: [], IsTruncated: false };
    },
  },
};

function createRole(call: Call): XmlValue {
  const name = required(call, "RoleName", rules.roleName);
  const trustPolicy = required(call, "AssumeRolePolicyDocument", rules.document);
  if (call.account.roles.some((role) => role.name.toLowerCase() === name.toLowerCase())) {
    throw exists(`Role with name ${name} already exists.`);
  }
  checkTrust(call, trustPolicy);
  const description = optional(call, "Description", { max: 1000 });
  const boundary = optional(call, "PermissionsBoundary", rules.arn);
  if (boundary !== undefined) checkAttachable(call, boundary, "boundary");
  const role: Role = {
    name,
    path: optional(call, "Path", rules.path) ?? "/",
    id: freshId("AROA"),
    createdAt: iso(call.now),
    ...(description === undefined ? {} : { description }),
    maxSessionSeconds: integer(call, "MaxSessionDuration", 3600, 43_200) ?? 3600,
    trustPolicy,
    inlinePolicies: {},
    attachedPolicyArns: [],
    ...(boundary === undefined ? {} : { permissionsBoundaryArn: boundary }),
    tags: tagsOf(call),
  };
  call.account.roles.push(role);
  return { Role: roleXml(call.account, role) };
}

function listRoles(call: Call): XmlValue {
  const prefix = optional(call, "PathPrefix", rules.pathPrefix) ?? "/";
  const roles = call.account.roles.filter((role) => role.path.startsWith(prefix));
  const { items, rest } = page(call, roles, (role) => role.name);
  return { Roles: items.map((role) => roleXml(call.account, role, true)), ...rest };
}

function updateRole(call: Call): XmlValue {
  const role = modifiable(findRole(call));
  const description = optional(call, "Description", { max: 1000 });
  if (description !== undefined) role.description = description;
  role.maxSessionSeconds = integer(call, "MaxSessionDuration", 3600, 43_200) ?? role.maxSessionSeconds;
  return {};
}

function deleteRole(call: Call): XmlValue {
  const role = modifiable(findRole(call));
  if (role.attachedPolicyArns.length > 0) throw conflict("Cannot delete entity, must detach all policies first.");
  if (Object.keys(role.inlinePolicies).length > 0) throw conflict("Cannot delete entity, must delete policies first.");
  call.account.roles.splice(call.account.roles.indexOf(role), 1);
  return undefined;
}
