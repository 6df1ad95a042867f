import { iamArn } from "./iam-action.ts";
import { iso } from "./iam-holder.ts";
import type { Account, Role, User } from "./state.ts";
import type { XmlValue } from "./xml.ts";

/** A role as IAM shows it; its trust policy is URL-encoded (RFC 3986), as every policy document in an IAM answer. */
export function roleXml(account: Account, role: Role, listed = false): { [name: string]: XmlValue } {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: iamArn(account, "role", role.name, role.path),
    CreateDate: iso(role.createdAt),
    AssumeRolePolicyDocument: encodeURIComponent(role.trustPolicy),
    Description: role.description,
    MaxSessionDuration: role.maxSessionSeconds,
    PermissionsBoundary: boundaryXml(role.permissionsBoundaryArn),
    Tags: listed || Object.keys(role.tags).length === 0 ? undefined : tagsXml(role.tags),
  };
}

export function userXml(account: Account, user: User, listed = false): { [name: string]: XmlValue } {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: iamArn(account, "user", user.name, user.path),
    CreateDate: iso(user.createdAt),
    PermissionsBoundary: listed ? undefined : boundaryXml(user.permissionsBoundaryArn),
    Tags: listed || Object.keys(user.tags).length === 0 ? undefined : tagsXml(user.tags),
  };
}

export const boundaryXml = (arn: string | undefined): XmlValue =>
  arn === undefined ? undefined : { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: arn };

export const tagsXml = (tags: Readonly<Record<string, string>>): XmlValue =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
