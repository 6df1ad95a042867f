import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { verifyLedger } from "#/core/ledger.ts";
import { mint } from "#/core/mint/index.ts";
import type { Minted } from "#/core/wire.ts";
import { person } from "./access.ts";
import type { Broker } from "./broker.ts";
import { hourSeconds, type RoleKind, roleArn } from "./role-names.ts";
import type { Run } from "./run.ts";
import { Failed, settled } from "./steps.ts";

/** A credential as SDK clients take it. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Mints by the product's own code; a role that AWS does not know everywhere yet is tried again. */
export async function mintSession(run: Run, { minter }: Broker, kind: "web" | "other" | "assumed"): Promise<Session> {
  const request = { role: roleArn(run, kind), seconds: hourSeconds, reason: "contract" };
  const { credentials } = await settled(run.outside, (): Promise<Minted> => mint(minter, person, request));
  return {
    accessKeyId: credentials.AccessKeyId,
    secretAccessKey: credentials.SecretAccessKey,
    sessionToken: credentials.SessionToken,
  };
}

/** A call that only a session with the mint's tag and the person's source identity is allowed (roles.ts, `looks`). */
export async function lookByIam({ terms, names }: Run, credentials: Session, kind: RoleKind): Promise<void> {
  const iam = new IAMClient({ region: terms.region, credentials, maxAttempts: 2 });
  try {
    await iam.send(new GetRoleCommand({ RoleName: names.roleName(kind) }));
  } finally {
    iam.destroy();
  }
}

export async function lookByS3({ terms, names }: Run, credentials: Session): Promise<void> {
  const s3 = new S3Client({ region: terms.region, credentials, maxAttempts: 2 });
  try {
    await s3.send(new ListObjectsV2Command({ Bucket: names.bucket, Prefix: names.prefix, MaxKeys: 1 }));
  } finally {
    s3.destroy();
  }
}

/** Takes `chained` from a session of `assumed`, telling AWS nothing of tags or person: it must know by itself. */
export async function chain({ terms, ...run }: Run, credentials: Session, seconds = hourSeconds): Promise<Session> {
  const sts = new STSClient({ region: terms.region, credentials, maxAttempts: 2 });
  const asked = { RoleArn: roleArn(run, "chained"), RoleSessionName: "chained", DurationSeconds: seconds };
  try {
    const { Credentials: given } = await sts.send(new AssumeRoleCommand(asked));
    const { AccessKeyId, SecretAccessKey, SessionToken } = given ?? {};
    if (!(AccessKeyId && SecretAccessKey && SessionToken)) throw new Failed("STS answered without a whole credential.");
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  } finally {
    sts.destroy();
  }
}

/** @returns how many mints the run's own ledger holds. @throws Failed when its chain is broken. */
export async function soundLedger({ store }: Broker): Promise<string> {
  const { entries, faults } = await verifyLedger(store);
  const [fault] = faults;
  if (fault !== undefined) throw new Failed(`The ledger is broken at ${fault.shard} ${fault.seq}: ${fault.why}.`);
  return `${entries} entries, each chained to the one before`;
}
