import { randomBytes } from "node:crypto";
import type { Terms } from "./terms.ts";

/** What a run calls everything it makes: found again by these names alone, after a crash too. */
export interface Names {
  /** `20261121-1f9c3a` */
  readonly run: string;
  readonly bucket: string;
  readonly isOwnBucket: boolean;
  /** Of every object; ends with a slash. */
  readonly prefix: string;
  readonly database: string;
  readonly workgroup: string;
  /** Of every role. */
  readonly rolePath: string;
  readonly roleName: (short: string) => string;
}

/** On every resource that can carry a tag; the database carries it as a property, for Athena's DDL sets no tags. */
export const tagKey = "roletrail:contract";

export const newRun = (now: Date): string =>
  `${now.toISOString().slice(0, 10).replaceAll("-", "")}-${randomBytes(3).toString("hex")}`;

export function namesOf({ account, bucket }: Pick<Terms, "account" | "bucket">, run: string): Names {
  return {
    run,
    bucket: bucket ?? `roletrail-contract-${account}-${run}`,
    isOwnBucket: bucket === null,
    prefix: `roletrail-contract/${run}/`,
    database: `roletrail_contract_${run.replace("-", "_")}`,
    workgroup: `roletrail-contract-${run}`,
    rolePath: `/roletrail-contract/${run}/`,
    // A role's name is the account's whatever its path.
    roleName: (short) => `roletrail-contract-${run}-${short}`,
  };
}
