import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { AwsError, type Call, type Json, type JsonObject } from "./call.ts";

/**
 * LookupEvents: the last 90 days of management events of one account and Region, newest first, by one attribute. Read
 * from the trail's own files, so an event is found when it was delivered, as late as the trail is.
 */
export function lookupEvents(trailFolder: string, call: Call, given: JsonObject): JsonObject {
  call.authorize({ action: "cloudtrail:LookupEvents", resource: "*" });
  const wanted = readWanted(given, call.now);
  const found = recordsOf(trailFolder, call, wanted)
    .filter((record) => fits(record, wanted))
    .sort((a, b) => (a.eventTime < b.eventTime ? 1 : -1));
  const page = found.slice(wanted.from, wanted.from + wanted.size);
  const next = wanted.from + wanted.size;
  return {
    Events: page.map(shown),
    ...(next < found.length ? { NextToken: Buffer.from(String(next)).toString("base64") } : {}),
  };
}

const daySeconds = 86_400;
const daysMax = 90;

const attributes = [
  "EventId",
  "EventName",
  "ReadOnly",
  "Username",
  "EventSource",
  "AccessKeyId",
  "ResourceName",
] as const;

const Given = z.object({
  LookupAttributes: z
    .array(z.object({ AttributeKey: z.enum(attributes), AttributeValue: z.string().min(1).max(2_000) }))
    .max(1)
    .default([]),
  StartTime: z.number().optional(),
  EndTime: z.number().optional(),
  MaxResults: z.int().min(1).max(50).default(50),
  NextToken: z.string().optional(),
});

interface Wanted {
  readonly since: number;
  readonly until: number;
  readonly attribute:
    | { readonly AttributeKey: (typeof attributes)[number]; readonly AttributeValue: string }
    | undefined;
  readonly from: number;
  readonly size: number;
}

function readWanted(given: JsonObject, now: Date): Wanted {
  const parsed = Given.safeParse(given);
  if (!parsed.success)
    throw new AwsError("InvalidLookupAttributesException", parsed.error.issues[0]?.message ?? "not as it should be");
  const { LookupAttributes, StartTime, EndTime, MaxResults: size, NextToken } = parsed.data;
  const until = EndTime ?? now.getTime() / 1_000 + 1;
  const since = Math.max(StartTime ?? 0, now.getTime() / 1_000 - daysMax * daySeconds);
  if (since > until)
    throw new AwsError("InvalidTimeRangeException", "The start time must be before the end time, within 90 days.");
  const from = NextToken === undefined ? 0 : Number(Buffer.from(NextToken, "base64").toString("utf8"));
  if (!Number.isInteger(from)) throw new AwsError("InvalidNextTokenException", "The token is not of this account.");
  return { since, until, attribute: LookupAttributes[0], from, size };
}

const Shape = z.looseObject({
  eventID: z.string(),
  eventName: z.string(),
  eventSource: z.string(),
  eventTime: z.string(),
  readOnly: z.boolean().default(false),
  eventCategory: z.string(),
  userIdentity: z.looseObject({ accessKeyId: z.string().optional(), userName: z.string().optional() }).default({}),
  resources: z.array(z.looseObject({ ARN: z.string(), type: z.string().optional() })).default([]),
});
type Found = z.infer<typeof Shape> & { readonly text: string };

/** A file's day is that of its delivery: events of a day may lie in the next day's, too. */
function recordsOf(trailFolder: string, { organisation, account, region }: Call, { since, until }: Wanted): Found[] {
  const root = path.join(trailFolder, "AWSLogs", organisation.id, account.id, "CloudTrail", region);
  const found: Found[] = [];
  for (let at = since; at < until + 2 * daySeconds; at += daySeconds) {
    const folder = path.join(root, new Date(at * 1_000).toISOString().slice(0, 10).replaceAll("-", "/"));
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder)) found.push(...recordsIn(path.join(folder, name)));
  }
  return found;
}

const File = z.object({ Records: z.array(z.record(z.string(), z.json())) });

function recordsIn(file: string): Found[] {
  const { Records } = File.parse(JSON.parse(gunzipSync(readFileSync(file)).toString("utf8")));
  return Records.flatMap((record) => {
    const { data } = Shape.safeParse(record);
    return data === undefined ? [] : [{ ...data, text: JSON.stringify(record) }];
  });
}

function fits(record: Found, { since, until, attribute }: Wanted): boolean {
  const at = Date.parse(record.eventTime) / 1_000;
  if (record.eventCategory !== "Management" || at < Math.floor(since) || at > until) return false;
  return attribute === undefined || valuesOf(record)[attribute.AttributeKey].includes(attribute.AttributeValue);
}

const valuesOf = (record: Found): Readonly<Record<(typeof attributes)[number], readonly string[]>> => ({
  EventId: [record.eventID],
  EventName: [record.eventName],
  ReadOnly: [String(record.readOnly)],
  Username: [record.userIdentity.userName ?? ""],
  EventSource: [record.eventSource],
  AccessKeyId: [record.userIdentity.accessKeyId ?? ""],
  ResourceName: record.resources.flatMap(({ ARN }) => [ARN, ARN.slice(ARN.lastIndexOf("/") + 1)]),
});

function shown(record: Found): Json {
  const { accessKeyId, userName } = record.userIdentity;
  return {
    EventId: record.eventID,
    EventName: record.eventName,
    ReadOnly: String(record.readOnly),
    ...(accessKeyId === undefined ? {} : { AccessKeyId: accessKeyId }),
    EventTime: Date.parse(record.eventTime) / 1_000,
    EventSource: record.eventSource,
    ...(userName === undefined ? {} : { Username: userName }),
    Resources: record.resources.map(({ ARN, type }) => ({
      ResourceName: ARN,
      ...(type === undefined ? {} : { ResourceType: type }),
    })),
    CloudTrailEvent: record.text,
  };
}
