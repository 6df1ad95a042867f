import { createHash } from "node:crypto";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { AccessFile } from "./access.ts";
import { parseAccess } from "./access-file.ts";
import { Refusal } from "./refusal.ts";

/** Which bytes are the access file: one version of one object, and the hash of what it holds. */
export interface PinnedAccess {
  /** `s3://bucket/key` */
  readonly place: string;
  readonly version: string;
  /** 64 hex digits. */
  readonly sha256: string;
}

/**
 * The access file as it was deployed, and no other: a newer version is not looked at, and bytes with another hash are
 * nobody's access file, whoever wrote them there.
 *
 * @throws Refusal `access.unread` when S3 does not hand that version out · `access.swapped` when it holds something else ·
 * `access.invalid`.
 */
export async function readPinnedAccess(
  { place, version, sha256 }: PinnedAccess,
  client: S3Client = new S3Client({ maxAttempts: 3 }),
): Promise<AccessFile> {
  const body = await bodyOf(client, place, version);
  if (createHash("sha256").update(body).digest("hex") !== sha256)
    throw new Refusal("access.swapped", `The access file at ${place} is not the one that was deployed.`, {
      help: 'Nothing is decided from it. Whoever runs Roletrail must find out who wrote it: docs/runbook.md, "The access file".',
    });
  return parseAccess(place, () => Buffer.from(body).toString("utf8"));
}

async function bodyOf(client: S3Client, place: string, VersionId: string): Promise<Uint8Array> {
  const { hostname: Bucket, pathname } = new URL(place);
  try {
    const { Body } = await client.send(
      new GetObjectCommand({ Bucket, Key: decodeURIComponent(pathname.slice(1)), VersionId }),
    );
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  } catch (error) {
    const why = error instanceof Error ? error.name : "no answer";
    throw new Refusal("access.unread", `The access file at ${place} could not be read (${why}).`, {
      help: 'Credentials already handed out keep working. Whoever runs Roletrail finds what to do in docs/runbook.md, "The access file".',
    });
  }
}
