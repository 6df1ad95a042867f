import type { Account, Bucket, Organisation, Role, User } from "./state.ts";

export const accountNamed = (organisation: Organisation, id: string): Account | undefined =>
  organisation.accounts.find((account) => account.id === id);

/** Role names differ from one another whatever their case, as IAM has it, but an ARN must be spelled right. */
export const roleNamed = (account: Account, name: string): Role | undefined =>
  account.roles.find((role) => role.name === name);

export const userNamed = (account: Account, name: string): User | undefined =>
  account.users.find((user) => user.name === name);

export const roleArnOf = (account: Account, role: Role): string =>
  `arn:aws:iam::${account.id}:role${role.path}${role.name}`;

export const userArnOf = (account: Account, user: User): string =>
  `arn:aws:iam::${account.id}:user${user.path}${user.name}`;

/** The role an ARN names, path and all. */
export function roleAt(organisation: Organisation, arn: string): { account: Account; role: Role } | undefined {
  const account = accountNamed(organisation, arn.split(":")[4] ?? "");
  const role = account?.roles.find((one) => roleArnOf(account, one) === arn);
  return account === undefined || role === undefined ? undefined : { account, role };
}

/** Bucket names are one namespace over all accounts. */
export function bucketNamed(
  organisation: Organisation,
  name: string,
): { account: Account; bucket: Bucket } | undefined {
  for (const account of organisation.accounts) {
    const bucket = account.buckets.find((one) => one.name === name);
    if (bucket !== undefined) return { account, bucket };
  }
  return undefined;
}
