import { IAMClient } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, type AssumeRoleCommandInput, type Credentials, STSClient } from "@aws-sdk/client-sts";
import { accountIds, type Key, type Started } from "./start.ts";

/** Keys as SDK clients take them, from an STS answer. */
export const keysOf = (credentials: Credentials | undefined) => ({
  accessKeyId: credentials?.AccessKeyId ?? "",
  secretAccessKey: credentials?.SecretAccessKey ?? "",
  sessionToken: credentials?.SessionToken ?? "",
});

export type SessionKey = ReturnType<typeof keysOf>;

export const stsOf = (sandbox: Started, key: Key | string) =>
  new STSClient({ ...sandbox.client, credentials: typeof key === "string" ? sandbox.key(key) : key });

export const iamOf = (sandbox: Started, key: Key | string) =>
  new IAMClient({ ...sandbox.client, credentials: typeof key === "string" ? sandbox.key(key) : key });

export const roleArn = (name: string, account: string = accountIds.main) => `arn:aws:iam::${account}:role/${name}`;

/** AssumeRole as `holder` (default the admin of the main account); the session's keys. */
export async function assume(
  sandbox: Started,
  role: string,
  more: Partial<AssumeRoleCommandInput> = {},
  holder: Key | string = "main/admin",
): Promise<SessionKey> {
  const arn = role.startsWith("arn:") ? role : roleArn(role);
  const answer = await stsOf(sandbox, holder).send(
    new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: "jo", ...more }),
  );
  return keysOf(answer.Credentials);
}

/** `AccessDenied: User …`: code and text of how a call was refused; undefined when it was not. */
export async function refusal(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}
