import { z } from "zod";
import { AwsError, type AwsReply, type Call, type Json, type JsonObject, type ServiceHandler } from "./call.ts";
import { lookupEvents } from "./cloudtrail-lookup.ts";
import { lowerFirst } from "./parameters.ts";
import { AdvancedSelector, BasicSelector, selectorsOf } from "./selectors.ts";

/**
 * CloudTrail's JSON 1.1 API over the organisation trail: what it is, whether it logs, which data events it takes, what
 * it holds of the last 90 days.
 *
 * @param trailFolder the trail's bucket as it lies on disk
 */
export function cloudtrail(trailFolder: string): ServiceHandler {
  const lookUp: Action = (call, given) => json(lookupEvents(trailFolder, call, given));
  const actions: Readonly<Record<string, Action>> = { ...trailActions, LookupEvents: lookUp };
  return (call) => answer(call, Object.hasOwn(actions, call.action) ? actions[call.action] : undefined);
}

function answer(call: Call, action: Action | undefined): AwsReply {
  if (action === undefined)
    throw new AwsError("UnknownOperationException", `The sandbox account does not simulate cloudtrail:${call.action}.`);
  const given = inputOf(call);
  call.trace.requestParameters = recorded(given);
  call.trace.readOnly = call.action !== "PutEventSelectors";
  return action(call, given);
}

type Action = (call: Call, given: JsonObject) => AwsReply;

const trailActions: Readonly<Record<string, Action>> = {
  DescribeTrails: describeTrails,
  GetTrail: getTrail,
  GetTrailStatus: getTrailStatus,
  GetEventSelectors: getEventSelectors,
  PutEventSelectors: putEventSelectors,
};

function describeTrails(call: Call, given: JsonObject): AwsReply {
  call.authorize({ action: "cloudtrail:DescribeTrails", resource: "*" });
  const { trailNameList } = z.object({ trailNameList: z.array(z.string()).default([]) }).parse(given);
  const trail = trailOf(call);
  const isAsked = trailNameList.length === 0 || trailNameList.some((name) => namesTrail(call, name));
  return json({ trailList: isAsked ? [trail] : [] });
}

function getTrail(call: Call, given: JsonObject): AwsReply {
  authorizeTrail(call, "GetTrail", given["Name"]);
  return json({ Trail: trailOf(call) });
}

function getTrailStatus(call: Call, given: JsonObject): AwsReply {
  authorizeTrail(call, "GetTrailStatus", given["Name"]);
  return json({ IsLogging: true, LatestDeliveryTime: call.now.getTime() / 1000 });
}

function getEventSelectors(call: Call, given: JsonObject): AwsReply {
  const TrailARN = authorizeTrail(call, "GetEventSelectors", given["TrailName"]);
  return json({ TrailARN, ...shownSelectors(call) });
}

/** Basic or advanced selectors, for S3 objects: each account of the organisation chooses for its own events. */
function putEventSelectors(call: Call, given: JsonObject): AwsReply {
  const TrailARN = authorizeTrail(call, "PutEventSelectors", given["TrailName"]);
  const parsed = Wanted.safeParse(given);
  if (!parsed.success)
    throw new AwsError(
      "InvalidEventSelectorsException",
      `${parsed.error.issues[0]?.path.join(".")}: ${parsed.error.issues[0]?.message}`,
    );
  const { EventSelectors: basic = [], AdvancedEventSelectors: advanced = [] } = parsed.data;
  if (basic.length > 0 === advanced.length > 0)
    throw new AwsError("InvalidEventSelectorsException", "Specify either EventSelectors or AdvancedEventSelectors.");
  for (const { FieldSelectors } of advanced) {
    const category = FieldSelectors.find(({ Field }) => Field === "eventCategory")?.Equals?.[0];
    if (category !== "Management" && category !== "Data")
      throw new AwsError(
        "InvalidEventSelectorsException",
        "An advanced selector needs eventCategory Equals Management or Data.",
      );
  }
  call.account.eventSelectors = basic.length > 0 ? basic : advanced;
  call.save();
  const answer = { TrailARN, ...shownSelectors(call) };
  call.trace.responseElements = recorded(answer);
  return json(answer);
}

const Wanted = z.object({
  EventSelectors: z.array(BasicSelector).max(5).optional(),
  AdvancedEventSelectors: z.array(AdvancedSelector).max(500).optional(),
});

function shownSelectors(call: Call): JsonObject {
  const selectors = selectorsOf(call.account);
  const isAdvanced = selectors.some((one) => "FieldSelectors" in one);
  const shown: Json = JSON.parse(JSON.stringify(selectors));
  return isAdvanced ? { AdvancedEventSelectors: shown } : { EventSelectors: shown };
}

const trailArn = ({ organisation, account }: Call): string =>
  `arn:aws:cloudtrail:${organisation.homeRegion}:${account.id}:trail/${organisation.trailName}`;

function trailOf(call: Call): JsonObject {
  const { organisation, account } = call;
  const isPlain = selectorsOf(account).every(
    (one) => !("FieldSelectors" in one) && one.ReadWriteType === "All" && one.DataResources.length === 0,
  );
  return {
    Name: organisation.trailName,
    S3BucketName: organisation.trailBucket,
    IncludeGlobalServiceEvents: true,
    IsMultiRegionTrail: true,
    HomeRegion: organisation.homeRegion,
    TrailARN: trailArn(call),
    LogFileValidationEnabled: false,
    HasCustomEventSelectors: !isPlain,
    HasInsightSelectors: false,
    IsOrganizationTrail: true,
  };
}

const namesTrail = (call: Call, name: string): boolean =>
  name === call.organisation.trailName || name === trailArn(call);

/** @throws AwsError AccessDenied, TrailNotFoundException. */
function authorizeTrail(call: Call, action: string, name: Json | undefined): string {
  const arn = trailArn(call);
  call.authorize({ action: `cloudtrail:${action}`, resource: arn });
  if (typeof name === "string" && namesTrail(call, name)) return arn;
  throw new AwsError("TrailNotFoundException", `Unknown trail: ${String(name)} for the user: ${call.account.id}`);
}

function inputOf(call: Call): JsonObject {
  try {
    const given: unknown = JSON.parse(Buffer.from(call.request.body).toString("utf8") || "{}");
    return z.record(z.string(), z.json()).parse(given);
  } catch {
    throw new AwsError("SerializationException", "The request body is not a JSON object.");
  }
}

const json = (answer: JsonObject): AwsReply => ({
  status: 200,
  headers: { "content-type": "application/x-amz-json-1.1" },
  body: JSON.stringify(answer),
});

/** As CloudTrail shows a JSON service's members: camel case all the way down. */
function recorded(given: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [lowerFirst(name), recordedValue(value)]));
}

function recordedValue(value: Json): Json {
  if (isList(value)) return value.map(recordedValue);
  return typeof value === "object" && value !== null ? recorded(value) : value;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
