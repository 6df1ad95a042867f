import type { STSClient } from "@aws-sdk/client-sts";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { Refusal } from "#/core/refusal.ts";
import type { Names } from "./names.ts";
import type { Outside, Steps } from "./steps.ts";
import type { Terms } from "./terms.ts";

/** One run of the command: what was asked, as whom, under which names. Handed to every part first. */
export interface Run {
  readonly terms: Terms;
  readonly names: Names;
  readonly outside: Outside;
  readonly steps: Steps;
  readonly caller: Caller;
  readonly spent: Spent;
}

export interface Caller {
  readonly arn: string;
  /** `AIDA…`, or `AROA…:session`: what `aws:userid` says. */
  readonly userId: string;
  readonly account: string;
  /** `aws`, `aws-us-gov` … */
  readonly partition: string;
  /** A role session: whatever it assumes is chained. */
  readonly isSession: boolean;
}

/** What costs money, counted where it is asked for. */
export interface Spent {
  athenaDollars: number;
  athenaBytes: number;
  athenaQueries: number;
  /** PUT, COPY, POST, LIST. */
  s3Writes: number;
  s3Reads: number;
}

export const nothingSpent = (): Spent => ({
  athenaDollars: 0,
  athenaBytes: 0,
  athenaQueries: 0,
  s3Writes: 0,
  s3Reads: 0,
});

/** @throws Refusal `account.none` when AWS does not say who this is, or it is another account than the one asked for. */
export async function callerOf(sts: STSClient, account: string): Promise<Caller> {
  const { Arn: arn, UserId: userId, Account: own } = await sts.send(new GetCallerIdentityCommand({})).catch(nobody);
  if (arn === undefined || userId === undefined || own === undefined) throw nobody(null);
  if (own !== account)
    throw new Refusal("account.none", `These credentials are of account ${own}, not of ${account}.`, {
      help: "Nothing was made. Take credentials of the account you mean, or name the other one.",
    });
  if (arn.endsWith(":root"))
    throw new Refusal("account.none", "These are the root user's credentials, which assume no roles.", {
      help: "Nothing was made. Use an IAM user or a role that administers a test account.",
    });
  const partition = arn.split(":")[1] ?? "aws";
  return { arn, userId, account: own, partition, isSession: arn.includes(":assumed-role/") };
}

function nobody(error: unknown): never {
  const why = error instanceof Error ? error.name : "no answer";
  throw new Refusal("account.none", `AWS does not say who this machine is (${why}).`, {
    help: "Nothing was made. See that aws sts get-caller-identity answers, then start again.",
  });
}
