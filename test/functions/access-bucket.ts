import { createHash } from "node:crypto";
import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Organisation } from "#/sandbox/aws/state.ts";
import { accounts, homeRegion } from "#/sandbox/story/accounts.ts";

/** The deployment's bucket of the access file: every version stays, its admin writes, functions read a version. */
const Bucket = "roletrail-test-access";
const admin = {
  accessKeyId: `AKIA${createHash("sha256").update(Bucket).digest("hex").slice(0, 16).toUpperCase()}`,
  secretAccessKey: createHash("sha256").update("the access file's admin").digest("base64").slice(0, 40),
};
const createdAt = "2026-01-05T08:00:00.000Z";

export function addAccessBucket(state: Organisation): void {
  const account = state.accounts.find(({ id }) => id === accounts.security);
  if (account === undefined) throw new Error("no security account");
  const user = (owner: string, name: string): string => `arn:aws:iam::${owner}:user/${name}`;
  const policy = (statement: object): string => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  account.users.push({
    name: "access-admin",
    path: "/",
    id: "AIDAACCESSADMINEXAMPLE",
    createdAt,
    inlinePolicies: {
      write: policy({ Effect: "Allow", Action: "s3:PutObject", Resource: `arn:aws:s3:::${Bucket}/*` }),
    },
    attachedPolicyArns: [],
    tags: {},
    accessKeys: [{ id: admin.accessKeyId, secret: admin.secretAccessKey, active: true, createdAt }],
    mfaDevices: [],
  });
  const readers = [user(accounts.security, "roletrail-functions"), user(accounts.playground, "outside-admin")];
  account.buckets.push({
    name: Bucket,
    region: homeRegion,
    createdAt,
    versioned: true,
    policy: policy({
      Effect: "Allow",
      Principal: { AWS: readers },
      Action: "s3:GetObjectVersion",
      Resource: `arn:aws:s3:::${Bucket}/access.yaml`,
    }),
  });
}

/** As its admin: what it holds now. @returns what a deployment tells its functions of it. */
export async function putAccess(text: string): Promise<Record<string, string>> {
  const s3 = new S3Client({ region: homeRegion, credentials: admin });
  const { VersionId = "" } = await s3.send(new PutObjectCommand({ Bucket, Key: "access.yaml", Body: text }));
  return {
    ROLETRAIL_ACCESS: `s3://${Bucket}/access.yaml`,
    ROLETRAIL_ACCESS_VERSION: VersionId,
    ROLETRAIL_ACCESS_SHA256: createHash("sha256").update(text).digest("hex"),
  };
}

/** Under S3's own hand: the same version, another body. AWS lets nobody do this. */
export function alterVersion(world: string, version: string, text: string): void {
  const [file] = readdirSync(path.join(world, "s3-versions"), { recursive: true }).filter(
    (name) => path.basename(String(name)) === version,
  );
  if (file === undefined) throw new Error(`no version ${version}`);
  writeFileSync(path.join(world, "s3-versions", String(file)), text);
}
