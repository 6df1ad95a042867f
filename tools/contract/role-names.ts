import type { Run } from "./run.ts";

/** The roles a run makes, by what each is for. */
export type RoleKind = "web" | "other" | "audience" | "assumed" | "chained" | "bare" | "revoker";

export const roleArn = ({ names, caller }: Pick<Run, "names" | "caller">, kind: RoleKind): string =>
  `arn:${caller.partition}:iam::${caller.account}:role${names.rolePath}${names.roleName(kind)}`;

/** What `web` and `other` lend at most; `chained` lends twelve hours, so that only chaining can shorten it. */
export const hourSeconds = 3_600;
export const externalId = ({ names }: Pick<Run, "names">): string => `contract-${names.run}`;
