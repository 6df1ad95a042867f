import { readFileSync } from "node:fs";
import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

/** Credentials as any AWS tool takes them. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Reads what the page copies for a shell: `export AWS_ACCESS_KEY_ID='…'`. */
export function keysFromShell(text: string): Keys {
  const value = (name: string): string => {
    const found = new RegExp(`${name}=['"]?([^'"\\s;]+)`).exec(text)?.[1];
    if (found === undefined) throw new Error(`no ${name} in what was copied`);
    return found;
  };
  return {
    accessKeyId: value("AWS_ACCESS_KEY_ID"),
    secretAccessKey: value("AWS_SECRET_ACCESS_KEY"),
    sessionToken: value("AWS_SESSION_TOKEN"),
  };
}

export function clients(endpoint: string, keys: Keys, region = "us-east-1") {
  const given = { endpoint, region, credentials: keys, maxAttempts: 1 };
  return { sts: new STSClient(given), iam: new IAMClient(given), s3: new S3Client({ ...given, forcePathStyle: true }) };
}

export const whoAmI = async (endpoint: string, keys: Keys): Promise<string> =>
  (await clients(endpoint, keys).sts.send(new GetCallerIdentityCommand({}))).Arn ?? "";

/** The sandbox's IAM user who administers one account: what an outside program begins with. */
export function adminKeys(file: string): Keys & { account: string } {
  const read = JSON.parse(readFileSync(file, "utf8"));
  return { accessKeyId: read.access_key_id, secretAccessKey: read.secret_access_key, account: read.account };
}

export async function assume(endpoint: string, keys: Keys, role: string, name: string): Promise<Keys> {
  const { Credentials } = await clients(endpoint, keys).sts.send(
    new AssumeRoleCommand({ RoleArn: role, RoleSessionName: name }),
  );
  return {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    ...(Credentials?.SessionToken === undefined ? {} : { sessionToken: Credentials.SessionToken }),
  };
}

/** The name of the error AWS answered with, or "allowed". */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "allowed";
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}
