import { describe, expect, test } from "vitest";
import { compileConditions } from "#/core/iam/condition.ts";
import { Keys } from "#/core/iam/request.ts";
import { user } from "./people.ts";

type Given = string | readonly string[] | undefined;
type Line = readonly [operator: string, values: unknown, given: Given, holds: boolean];

const holds = (operator: string, values: unknown, given: Given) => {
  const context = given === undefined ? {} : { "a:k": given };
  const keys = new Keys({ principal: user, action: "s3:GetObject", resource: "*", context });
  return compileConditions({ [operator]: { "A:K": values } }, true).every((condition) => condition.holds(keys));
};

const lines = (title: string, list: readonly Line[]) =>
  describe(title, () => {
    test.each(list)("%s %j holds for %j: %s", (operator, values, given, expected) => {
      expect(holds(operator, values, given)).toBe(expected);
    });
  });

lines("text", [
  ["StringEquals", "a", "a", true],
  ["StringEquals", "a", "A", false],
  ["StringEquals", ["a", "b"], "b", true],
  ["StringEquals", "a*", "abc", false],
  ["StringEquals", "a*", "a*", true],
  ["StringEquals", "a", undefined, false],
  ["StringEquals", "", "", true],
  ["StringNotEquals", "a", "b", true],
  ["StringNotEquals", ["a", "b"], "b", false],
  ["StringNotEquals", "a", undefined, true],
  ["StringEqualsIgnoreCase", "Data", "dATA", true],
  ["StringEqualsIgnoreCase", "Data", "date", false],
  ["StringNotEqualsIgnoreCase", "Data", "dATA", false],
  ["StringLike", "a*c", "abbbc", true],
  ["StringLike", "a*c", "ac", true],
  ["StringLike", "a?c", "ac", false],
  ["StringLike", "*b*", "abc", true],
  ["StringLike", "a*", "Abc", false],
  ["StringLike", "*", "", true],
  ["StringLike", "a.c", "abc", false],
  ["StringNotLike", "a*", "abc", false],
  ["StringNotLike", "a*", undefined, true],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
  ["StringEquals", "${aws:username}", "mara", true],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
  ["StringLike", "${aws:username}-*", "mara-1", true],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
  ["StringEquals", "${a:absent}", "${a:absent}", false],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
  ["StringEquals", "${a:absent, 'x'}", "x", true],
]);

lines("IfExists", [
  ["StringEqualsIfExists", "a", undefined, true],
  ["StringEqualsIfExists", "a", "b", false],
  ["NumericLessThanIfExists", "5", undefined, true],
  ["DateLessThanIfExists", "2026-01-01", undefined, true],
  ["stringequalsifexists", "a", "a", true],
]);

lines("numbers", [
  ["NumericEquals", 5, "5.0", true],
  ["NumericEquals", "5", "6", false],
  ["NumericNotEquals", "5", "6", true],
  ["NumericLessThan", "5", "4", true],
  ["NumericLessThan", "5", "5", false],
  ["NumericLessThanEquals", "5", "5", true],
  ["NumericGreaterThan", "-5", "-4.9", true],
  ["NumericGreaterThanEquals", "5", "5", true],
  ["NumericGreaterThan", "5", "many", false],
  ["NumericLessThan", "5", undefined, false],
]);

lines("dates", [
  ["DateLessThan", "2026-11-21T10:00:00Z", "2026-11-21T09:59:59Z", true],
  ["DateLessThan", "2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z", false],
  ["DateLessThanEquals", "2026-11-21T10:00:00Z", "2026-11-21T10:00:00.000Z", true],
  ["DateGreaterThan", "2026-11-21", "2026-11-21T00:00:01Z", true],
  ["DateGreaterThanEquals", "2026-11-21T10:00:00+01:00", "2026-11-21T09:00:00Z", true],
  ["DateEquals", "1795255200", "2026-11-21T10:00:00Z", true],
  ["DateNotEquals", "2026-11-21T10:00:00Z", "2026-11-21T10:00:01Z", true],
  ["DateLessThan", "2026-11-21T10:00:00Z", "yesterday", false],
  ["DateLessThan", "2026-11-21T10:00:00Z", undefined, false],
]);

lines("truth, bytes and absence", [
  ["Bool", true, "true", true],
  ["Bool", "true", "TRUE", true],
  ["Bool", "true", "false", false],
  ["Bool", "false", undefined, false],
  ["BinaryEquals", "QmluYXJ5", "QmluYXJ5", true],
  ["BinaryEquals", "QmluYXJ5", "QmluYXJ6", false],
  ["Null", "true", undefined, true],
  ["Null", "true", [], true],
  ["Null", true, "x", false],
  ["Null", "false", "x", true],
  ["Null", "false", undefined, false],
]);

lines("addresses", [
  ["IpAddress", "203.0.113.0/24", "203.0.113.9", true],
  ["IpAddress", "203.0.113.0/24", "203.0.114.9", false],
  ["IpAddress", "203.0.113.77/24", "203.0.113.9", true],
  ["IpAddress", "203.0.113.9", "203.0.113.9", true],
  ["IpAddress", "0.0.0.0/0", "198.51.100.1", true],
  ["IpAddress", "128.0.0.0/1", "198.51.100.1", true],
  ["IpAddress", ["10.0.0.0/8", "2001:db8::/32"], "2001:db8::7", true],
  ["IpAddress", "2001:db8::/32", "2001:db9::7", false],
  ["IpAddress", "10.0.0.0/8", "AWS Internal", false],
  ["NotIpAddress", "10.0.0.0/8", "11.0.0.1", true],
  ["NotIpAddress", ["10.0.0.0/8", "11.0.0.0/8"], "11.0.0.1", false],
  ["NotIpAddress", "10.0.0.0/8", undefined, true],
]);

lines("ARNs", [
  ["ArnEquals", "arn:aws:iam::*:role/Deploy*", "arn:aws:iam::111122223333:role/Deployer", true],
  ["ArnLike", "arn:aws:iam::111122223333:role/*", "arn:aws:iam::111122223333:role/a/b", true],
  ["ArnLike", "arn:aws:*:role/*", "arn:aws:iam::111122223333:role/a", false],
  ["ArnLike", "arn:aws:iam::*", "arn:aws:iam::111122223333:role/a", true],
  ["ArnNotLike", "arn:aws:iam::*:role/*", "arn:aws:iam::111122223333:user/a", true],
  ["ArnNotEquals", "arn:aws:iam::111122223333:role/a", undefined, true],
  ["ArnLike", "arn:aws:iam::*:role/*", "role/a", false],
]);

lines("many values", [
  ["ForAllValues:StringEquals", ["a", "b"], ["a", "b"], true],
  ["ForAllValues:StringEquals", ["a", "b"], ["a", "c"], false],
  ["ForAllValues:StringEquals", ["a"], undefined, true],
  ["ForAllValues:StringEquals", ["a"], [], true],
  ["ForAnyValue:StringEquals", ["a", "b"], ["c", "b"], true],
  ["ForAnyValue:StringEquals", ["a"], ["c"], false],
  ["ForAnyValue:StringEquals", ["a"], undefined, false],
  ["ForAnyValue:StringEqualsIfExists", ["a"], undefined, true],
  ["ForAllValues:StringNotEquals", ["a"], ["b", "c"], true],
  ["ForAllValues:StringNotEquals", ["a"], ["a", "c"], false],
  ["ForAnyValue:StringNotEquals", ["a"], ["a", "c"], true],
  ["ForAnyValue:StringNotEquals", ["a"], ["a"], false],
  ["ForAnyValue:StringNotEquals", ["a"], undefined, false],
  ["ForAllValues:StringLike", ["a*"], ["ab", "ac"], true],
  ["StringEquals", "a", ["b", "a"], true],
  ["StringNotEquals", "a", ["b", "a"], false],
]);
