import path from "node:path";
import { expect, test } from "vitest";
import { callsInSandbox } from "#/tools/contract/apart.ts";
import { shapeDiff } from "#/tools/contract/shapes.ts";

const record = (more: Record<string, unknown> = {}, type = "IAMUser") => ({
  eventName: "AssumeRole",
  userIdentity: { type, arn: "x" },
  requestParameters: { tags: [{ key: "a", value: "b" }], durationSeconds: 900 },
  ...more,
});

test("equal shapes differ in nothing, whatever their values and however many", () => {
  const other = record({
    requestParameters: {
      tags: [
        { key: "c", value: "d" },
        { key: "e", value: "f" },
      ],
      durationSeconds: 1,
    },
  });
  expect(shapeDiff([record(), other], [record()])).toEqual({
    compared: ["AssumeRole by IAMUser, answered"],
    differences: [],
    alone: [],
  });
});

test("what one side has and the other lacks is named with its path, and another type with both", () => {
  const aws = record({
    addendum: { reason: "DELIVERY_DELAY" },
    requestParameters: { tags: { a: "b" }, durationSeconds: "900" },
  });
  expect(shapeDiff([aws], [record()]).differences).toEqual([
    "AssumeRole by IAMUser, answered: addendum is object at AWS, absent in the sandbox",
    "AssumeRole by IAMUser, answered: addendum.reason is string at AWS, absent in the sandbox",
    "AssumeRole by IAMUser, answered: requestParameters.durationSeconds is string at AWS, number in the sandbox",
    "AssumeRole by IAMUser, answered: requestParameters.tags is object at AWS, list in the sandbox",
    "AssumeRole by IAMUser, answered: requestParameters.tags.a is string at AWS, absent in the sandbox",
    "AssumeRole by IAMUser, answered: requestParameters.tags[] is absent at AWS, object in the sandbox",
    "AssumeRole by IAMUser, answered: requestParameters.tags[].key is absent at AWS, string in the sandbox",
    "AssumeRole by IAMUser, answered: requestParameters.tags[].value is absent at AWS, string in the sandbox",
  ]);
});

test("another sort of caller or end is another kind: named, and not judged", () => {
  const denied = record({ errorCode: "AccessDenied", requestParameters: null });
  expect(shapeDiff([record(), denied], [record({}, "AssumedRole"), denied])).toEqual({
    compared: ["AssumeRole by IAMUser, AccessDenied"],
    differences: [],
    alone: [
      "AssumeRole by IAMUser, answered: in the records of AWS alone",
      "AssumeRole by AssumedRole, answered: in the records of the sandbox alone",
    ],
  });
});

test("where the caller is a role session, the sandbox's calls are a role session's, too", async () => {
  const script = path.resolve(import.meta.dirname, "../../tools/contract-aws.mjs");
  const { run, records } = await callsInSandbox(script)({ isSession: true, hasIssuer: false });
  const made = records.filter(({ eventName }) => eventName === "CreateRole");
  expect(made).toHaveLength(4);
  for (const each of made)
    expect(each).toMatchObject({
      userIdentity: { type: "AssumedRole" },
      requestParameters: { path: `/roletrail-contract/${run}/` },
    });
}, 60_000);
