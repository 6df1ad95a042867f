import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import type { RefreshFacts } from "#/queries/ingest/commit.ts";
import { readTrail } from "#/queries/ingest/read.ts";
import { EventStore } from "#/queries/ingest/store.ts";
import { openSource } from "#/queries/sources/open.ts";

/** A store and a trail folder of its own, for one test. */
export interface Place {
  readonly home: string;
  readonly trail: string;
  readonly store: EventStore;
}

export async function place(): Promise<Place> {
  const home = mkdtempSync(path.join(tmpdir(), "roletrail-test-"));
  const trail = path.join(home, "trail");
  mkdirSync(trail);
  return { home, trail, store: await openStore(home) };
}

export const openStore = (home: string): Promise<EventStore> =>
  EventStore.open({
    events: path.join(home, "events"),
    facts: path.join(home, "facts.duckdb"),
    staging: path.join(home, "staging"),
  });

export const noFacts: RefreshFacts = async () => undefined;

export const read = async (at: Place, refresh: RefreshFacts = noFacts) =>
  readTrail(at.store, await openSource(at.trail), refresh, { now: () => new Date("2026-11-21T12:00:00Z") });

/** CloudTrail's key for a file of one account, region and delivery minute. */
export const keyOf = (name: string, day = "2026/11/20", account = "111122223333"): string =>
  `AWSLogs/${account}/CloudTrail/us-east-1/${day}/${account}_CloudTrail_us-east-1_${day.replaceAll("/", "")}T0905Z_${name}.json.gz`;

export function put(at: Place, key: string | Buffer, bytes: Buffer | string): void {
  const target = Buffer.concat([Buffer.from(`${at.trail}/`), Buffer.from(key)]);
  mkdirSync(path.dirname(target.toString("latin1")), { recursive: true });
  writeFileSync(target, bytes);
}

export const packed = (records: readonly unknown[]): Buffer => gzipSync(JSON.stringify({ Records: records }));

/** A record as CloudTrail writes it: key order, names and types. */
export const record = (eventID: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  eventVersion: "1.11",
  userIdentity: {
    type: "IAMUser",
    principalId: "AIDAEXAMPLEEXAMPLE000",
    arn: "arn:aws:iam::111122223333:user/mara",
    accountId: "111122223333",
    accessKeyId: "AKIAEXAMPLEEXAMPLE00",
    userName: "mara",
  },
  eventTime: "2026-11-20T09:00:00Z",
  eventSource: "s3.amazonaws.com",
  eventName: "ListBuckets",
  awsRegion: "us-east-1",
  sourceIPAddress: "198.51.100.7",
  userAgent: "aws-cli/2.32.0",
  requestParameters: null,
  responseElements: null,
  requestID: "d2a7c1f0-0000-4000-8000-000000000000",
  eventID,
  readOnly: true,
  eventType: "AwsApiCall",
  managementEvent: true,
  recipientAccountId: "111122223333",
  eventCategory: "Management",
  ...more,
});
