import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { Refusal } from "../refusal.ts";

/** The AWS identity this machine has by itself: environment, shared files, instance metadata. */
export interface Ambient {
  readonly account: string;
  readonly arn: string;
  /** A role session: every role it assumes is chained, so one hour at most. */
  readonly session: boolean;
}

/** @throws Refusal `account.none` when there are no credentials, or AWS does not take them. */
export async function ambientIdentity(region: string): Promise<Ambient> {
  try {
    const { Account: account, Arn: arn } = await new STSClient({ region }).send(new GetCallerIdentityCommand({}));
    if (account === undefined || arn === undefined) throw new Error("an answer without account");
    return { account, arn, session: arn.includes(":assumed-role/") };
  } catch (error) {
    const why = error instanceof Error ? error.name : "no answer";
    throw new Refusal("account.none", `AWS does not say who this machine is (${why}).`, {
      help: "Set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, then see that aws sts get-caller-identity answers.",
    });
  }
}
