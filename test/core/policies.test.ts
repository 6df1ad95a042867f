import { expect, test } from "vitest";
import { cutoffOf, denyIssuedBefore, isRevokePolicy, policyText, samePolicy, sizeOf, thawOf } from "#/core/policies.ts";

test("the policy is the console's own, byte for byte but for the time", () => {
  expect(policyText(denyIssuedBefore(new Date("2026-11-21T09:30:30Z")))).toBe(
    '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-11-21T09:30:30.000Z"}}}]}',
  );
});

test.each([
  ["2026-11-21T09:30:00.000Z", "2026-11-21T09:30:30.000Z"],
  ["2026-11-21T09:30:00.001Z", "2026-11-21T09:30:31.000Z"],
  ["2026-11-21T23:59:59.999Z", "2026-11-22T00:00:30.000Z"],
])("asked at %s the cutoff is %s: 30 s ahead, rounded up; a second later the role mints again", (now, cutoff) => {
  expect(cutoffOf(new Date(now)).toISOString()).toBe(cutoff);
  expect(thawOf(new Date(cutoff)).getTime() - Date.parse(cutoff)).toBe(1000);
});

test("the console's document is known again in both spellings, another document of that name is not", () => {
  const ours = policyText(denyIssuedBefore(new Date()));
  const plain =
    '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"2024-09-26T17:03:38.409Z"}}}}';
  expect([ours, plain, JSON.stringify(JSON.parse(ours), null, 2)].map(isRevokePolicy)).toEqual([true, true, true]);
  const more = ours.replace('"Statement":[', '"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"},');
  expect([more, "{}", "no json", ours.replace('"Deny"', '"Allow"')].map(isRevokePolicy)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test("policies are equal as IAM sees them", () => {
  expect(samePolicy('{"a":1,"b":[2]}', '{ "b": [2], "a": 1 }')).toBe(true);
  expect(samePolicy('{"a":1}', '{"a":2}')).toBe(false);
  expect(samePolicy("no", "no")).toBe(false);
});

test("IAM counts characters without white space, one for a letter outside the basic plane", () => {
  expect(sizeOf('{ "a" :\n\t"\u{1f511}" }')).toBe('{"a":"x"}'.length);
});
