import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Truth } from "#/tools/trail-generator/truth.ts";
import { generateTrail } from "#/tools/trail-generator.ts";

const folders: string[] = [];
const made = (seed: string, events = 20_000, files = 3_000): { folder: string; truth: Truth } => {
  const folder = mkdtempSync(path.join(tmpdir(), "roletrail-generator-"));
  folders.push(folder);
  return { folder, truth: generateTrail({ out: folder, events, files, seed }) };
};

interface Seen {
  readonly file: string;
  readonly event: Record<string, unknown> & {
    readonly eventID: string;
    readonly eventName: string;
    readonly eventTime: string;
    readonly recipientAccountId: string;
    readonly sharedEventID?: string;
    readonly errorCode?: string;
    readonly userIdentity: {
      readonly type: string;
      readonly arn?: string;
      readonly accessKeyId?: string;
      readonly accountId?: string;
      readonly principalId?: string;
      readonly sessionContext?: { readonly attributes?: { readonly creationDate?: string } };
    };
    readonly responseElements: { readonly credentials?: { readonly accessKeyId: string } } | null;
  };
}

const read = (folder: string): Seen[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json.gz"))
    .sort()
    .flatMap((file) =>
      JSON.parse(gunzipSync(readFileSync(path.join(folder, file))).toString()).Records.map((event: Seen["event"]) => ({
        file,
        event,
      })),
    );

let truth: Truth;
let seen: Seen[];
let distinct: Seen["event"][];

beforeAll(() => {
  const { folder, truth: told } = made("a");
  truth = told;
  seen = read(folder);
  distinct = [...new Map(seen.map(({ event }) => [event.eventID, event])).values()];
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

test("records, duplicates, files and the time span are those of the files", () => {
  expect(seen).toHaveLength(20_000);
  expect(truth.records).toBe(20_000);
  expect(truth.distinct_events).toBe(distinct.length);
  expect(truth.duplicates).toBe(seen.length - distinct.length);
  expect(truth.duplicates).toBeGreaterThan(20);
  expect(truth.files).toBe(new Set(seen.map(({ file }) => file)).size);
  const times = distinct.map((event) => event.eventTime).sort();
  expect([truth.first_event_at, truth.last_event_at]).toEqual([times[0], times.at(-1)]);
});

test("there are exactly as many files as were asked for, also where accounts and regions must share days", () => {
  expect(truth.files).toBe(3_000);
  const { folder, truth: few } = made("a", 10_000, 300);
  expect([few.files, few.records]).toEqual([300, 10_000]);
  const files = read(folder);
  expect(new Set(files.map(({ file }) => file)).size).toBe(300);
  expect(files).toHaveLength(10_000);
});

test("a duplicate lies in another file", () => {
  const at = new Map<string, string>();
  for (const { file, event } of seen) {
    expect(at.get(event.eventID)).not.toBe(file);
    at.set(event.eventID, file);
  }
});

test("issued and unrecorded sessions, their calls and refusals add up by a plain count of keys", () => {
  const issued = new Set(distinct.flatMap((event) => event.responseElements?.credentials?.accessKeyId ?? []));
  expect(truth.sessions_issued).toBe(issued.size);
  const calls = distinct.filter(({ userIdentity }) => userIdentity.accessKeyId?.startsWith("ASIA"));
  const inIssued = calls.filter(({ userIdentity }) => issued.has(userIdentity.accessKeyId ?? ""));
  expect(truth.calls_in_issued_sessions).toBe(inIssued.length);
  expect(truth.denied_calls_in_issued_sessions).toBe(inIssued.filter(({ errorCode }) => errorCode).length);
  const orphans = calls.filter(({ userIdentity }) => !issued.has(userIdentity.accessKeyId ?? ""));
  expect(truth.calls_without_record).toBe(orphans.length);
  expect(truth.keys_without_record).toBe(new Set(orphans.map(({ userIdentity }) => userIdentity.accessKeyId)).size);
  const sessions = orphans.map(
    ({ userIdentity }) => `${userIdentity.principalId}@${userIdentity.sessionContext?.attributes?.creationDate}`,
  );
  expect(truth.sessions_without_record).toBe(new Set(sessions).size);
  expect(truth.sessions).toBe(truth.sessions_issued + truth.sessions_without_record);
  expect(truth.sessions_issued_and_used).toBe(
    new Set(inIssued.map(({ userIdentity }) => userIdentity.accessKeyId)).size,
  );
});

test("assumptions and cross-account pairs are counted once", () => {
  const assumptions = distinct.filter(({ eventName }) => eventName.startsWith("AssumeRole"));
  const merged = new Set(assumptions.map((event) => event.sharedEventID ?? event.eventID));
  expect(truth.assumptions_succeeded + truth.assumptions_denied).toBe(merged.size);
  expect(truth.assumptions_denied).toBe(assumptions.filter(({ errorCode }) => errorCode === "AccessDenied").length);
  expect(truth.cross_account_pairs).toBe(
    assumptions.filter(({ userIdentity }) => userIdentity.type === "AWSAccount").length,
  );
  expect(truth.edges.reduce((sum, edge) => sum + edge.succeeded, 0)).toBe(truth.assumptions_succeeded);
  expect(truth.denied_events).toBe(distinct.filter(({ errorCode }) => errorCode === "AccessDenied").length);
});

test("no two sessions of one principal begin in the same second", () => {
  const issues = distinct.flatMap((event) => {
    const response = event.responseElements as { assumedRoleUser?: { assumedRoleId: string } } | null;
    if (response?.assumedRoleUser === undefined || event.userIdentity.type === "AWSAccount") return [];
    return [`${response.assumedRoleUser.assumedRoleId}@${event.eventTime}`];
  });
  expect(new Set(issues).size).toBe(issues.length);
});

test("the same seed makes the same files, another seed others", () => {
  const again = made("a");
  expect(again.truth).toEqual(truth);
  expect(read(again.folder).map(({ file, event }) => file + event.eventID)).toEqual(
    seen.map(({ file, event }) => file + event.eventID),
  );
  expect(made("b").truth.sessions).not.toBe(truth.sessions);
});
