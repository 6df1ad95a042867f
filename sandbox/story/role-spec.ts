import type { AccountKey } from "./accounts.ts";
import { allow, type Statement } from "./policies.ts";

/** A role of the story before it has ids and dates. */
export interface RoleSpec {
  readonly account: AccountKey;
  readonly name: string;
  readonly path?: string;
  readonly maxSeconds?: number;
  readonly description: string;
  readonly trust: readonly Statement[];
  readonly inline?: Readonly<Record<string, readonly Statement[]>>;
  readonly attached?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
}

export const hour = 3600;
export const readOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess";
export const administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
export const audit = "arn:aws:iam::aws:policy/SecurityAudit";
export const lookAround = allow([
  "iam:Get*",
  "iam:List*",
  "sts:GetCallerIdentity",
  "s3:ListAllMyBuckets",
  "s3:GetBucket*",
]);
export const objects = (...buckets: readonly string[]): readonly string[] =>
  buckets.flatMap((bucket) => [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`]);
