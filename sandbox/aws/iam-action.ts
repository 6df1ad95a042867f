import type { Call } from "./call.ts";
import type { XmlValue } from "./xml.ts";

/** One call of the IAM API. `run` throws AwsError with AWS's code and text, and answers with the result's members. */
export interface IamAction {
  /** ARN of what is touched, for the evaluator. */
  readonly resource: (call: Call) => string;
  /** Condition keys of the call: `iam:PolicyARN`, `aws:RequestTag/team`. */
  readonly context?: (call: Call) => Readonly<Record<string, string | readonly string[]>>;
  readonly run: (call: Call) => XmlValue;
}

export type IamActions = Readonly<Record<string, IamAction>>;

/** `role`, `ReadOnly` → `arn:aws:iam::111122223333:role/ReadOnly`. */
export const iamArn = (account: { readonly id: string }, kind: string, name: string, path = "/"): string =>
  `arn:aws:iam::${account.id}:${kind}${path}${name}`;

export const everything = () => "*";
