import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { type Places, placesOf, settings } from "#/core/config.ts";
import { trailBucket } from "#/sandbox/story/accounts.ts";
import { tell } from "#/sandbox/story/tell.ts";
import type { StoryTruth } from "#/sandbox/story/truth.ts";

export const now = new Date("2026-11-21T09:42:00Z");

/** A record as a plain reader of CloudTrail sees it. */
export interface Seen {
  readonly [field: string]: unknown;
  readonly eventID: string;
  readonly eventName: string;
  readonly eventSource: string;
  readonly eventTime: string;
  readonly awsRegion: string;
  readonly recipientAccountId: string;
  readonly sourceIPAddress: string;
  readonly sharedEventID?: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly requestParameters: { readonly [name: string]: unknown } | null;
  readonly responseElements: {
    readonly credentials?: { readonly accessKeyId: string };
    readonly assumedRoleUser?: { readonly assumedRoleId: string };
    readonly ConsoleLogin?: string;
  } | null;
  readonly additionalEventData?: { readonly MFAUsed?: string };
  readonly resources?: readonly { readonly ARN: string }[];
  readonly userIdentity: {
    readonly type: string;
    readonly arn?: string;
    readonly principalId?: string;
    readonly accountId?: string;
    readonly accessKeyId?: string;
    readonly sessionContext?: {
      readonly sessionIssuer?: { readonly arn?: string };
      readonly attributes?: { readonly creationDate?: string };
      readonly sourceIdentity?: string;
    };
  };
}

/** Tells the story into a fresh world; equal person keys make equal person ids. */
export async function toldWorld(days?: number, at = now): Promise<Places> {
  const home = mkdtempSync(path.join(tmpdir(), "roletrail-story-"));
  const places = placesOf(settings.parse({ ROLETRAIL_HOME: home }));
  mkdirSync(places.secrets, { recursive: true, mode: 0o700 });
  const key = Buffer.alloc(32, 7).toString("base64url");
  writeFileSync(path.join(places.secrets, "person.key"), `${key}\n`, { mode: 0o600 });
  await tell(places, at, () => undefined, days);
  return places;
}

export const trailFiles = (places: Places): string[] =>
  readdirSync(path.join(places.s3, trailBucket), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json.gz"))
    .sort();

export function* recordsOf(places: Places, files: readonly string[]): Generator<{ file: string; records: Seen[] }> {
  for (const file of files) {
    const bytes = readFileSync(path.join(places.s3, trailBucket, file));
    yield { file, records: JSON.parse(gunzipSync(bytes).toString()).Records };
  }
}

export function hashOfTrail(places: Places): string {
  const hash = createHash("sha256");
  for (const file of trailFiles(places))
    hash.update(file).update(readFileSync(path.join(places.s3, trailBucket, file)));
  return hash.digest("hex");
}

export const truthOf = (places: Places): StoryTruth =>
  JSON.parse(readFileSync(path.join(places.world, "story-truth.json"), "utf8"));
