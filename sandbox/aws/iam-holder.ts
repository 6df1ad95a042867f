import { AwsError, type Call } from "./call.ts";
import { iamArn } from "./iam-action.ts";
import { required, rules } from "./iam-parameters.ts";
import type { Account, Role, User } from "./state.ts";

/** What policies, tags and a boundary hang on. Groups are not simulated. */
export interface HolderKind {
  readonly noun: "Role" | "User";
  readonly list: (account: Account) => readonly (Role | User)[];
  readonly find: (call: Call) => Role | User;
  /** Characters of all inline policies together, white space not counted (IAM quotas). */
  readonly inlineMax: number;
}

export const roleKind: HolderKind = { noun: "Role", list: ({ roles }) => roles, find: findRole, inlineMax: 10_240 };
export const userKind: HolderKind = { noun: "User", list: ({ users }) => users, find: findUser, inlineMax: 2048 };
export const holderKinds: readonly HolderKind[] = [roleKind, userKind];

export function findRole(call: Call): Role {
  const name = required(call, "RoleName", rules.roleName);
  const role = call.account.roles.find((one) => one.name === name);
  if (role === undefined) throw notFound(`The role with name ${name} cannot be found.`);
  return role;
}

/** Calls on users work on the caller where no name is given, as for GetUser and ListAccessKeys. */
export function findUser(call: Call): User {
  const own = call.caller.type === "IAMUser" ? call.caller.userName : undefined;
  const name = call.parameters.has("UserName") || own === undefined ? required(call, "UserName", rules.userName) : own;
  const user = call.account.users.find((one) => one.name === name);
  if (user === undefined) throw notFound(`The user with name ${name} cannot be found.`);
  return user;
}

/** The ARN of what is named, with its path when it exists. */
export function holderArn(kind: HolderKind, call: Call): string {
  const name = nameOf(kind, call);
  return iamArn(call.account, kind.noun.toLowerCase(), name, lookUp(kind, call)?.path);
}

/** `iam:ResourceTag/…`, `aws:ResourceTag/…` and the boundary of what is touched. */
export function holderContext(kind: HolderKind, call: Call): Record<string, string> {
  const holder = lookUp(kind, call);
  const tags = Object.entries(holder?.tags ?? {}).flatMap(([key, value]) => [
    [`iam:ResourceTag/${key}`, value],
    [`aws:ResourceTag/${key}`, value],
  ]);
  const boundary = call.parameters.get("PermissionsBoundary") ?? holder?.permissionsBoundaryArn;
  return { ...Object.fromEntries(tags), ...(boundary === undefined ? {} : { "iam:PermissionsBoundary": boundary }) };
}

const lookUp = (kind: HolderKind, call: Call) =>
  kind.list(call.account).find(({ name }) => name === nameOf(kind, call));

const nameOf = (kind: HolderKind, call: Call) =>
  call.parameters.get(`${kind.noun}Name`) ??
  (kind.noun === "User" && call.caller.type === "IAMUser" ? call.caller.userName : "");

/** Roles that AWS alone changes: service-linked ones and Identity Center's. */
export function modifiable(role: Role): Role {
  if (!/^\/aws-(service-role|reserved)\//.test(role.path)) return role;
  throw new AwsError(
    "UnmodifiableEntity",
    `Cannot perform the operation on the protected role '${role.name}' - this role is only modifiable by AWS`,
  );
}

export const notFound = (message: string): AwsError => new AwsError("NoSuchEntity", message, 404);
export const exists = (message: string): AwsError => new AwsError("EntityAlreadyExists", message, 409);
export const conflict = (message: string): AwsError => new AwsError("DeleteConflict", message, 409);
export const limit = (message: string): AwsError => new AwsError("LimitExceeded", message, 409);

/** ISO 8601 in whole seconds, as IAM answers. */
export const iso = (at: Date | string): string => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");

export const holdersOf = (account: Account): readonly (Role | User)[] => [...account.roles, ...account.users];
