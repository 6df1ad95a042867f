import { describe, expect, test } from "vitest";
import { MalformedPolicy } from "#/core/iam/malformed.ts";
import { type Form, parsePolicy } from "#/core/iam/policy.ts";

const statement = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
const trusted = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: "111122223333" } };
const of = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const condition = (element: object) => of({ ...statement, Condition: element });

const syntax = "Syntax errors in policy.";
const vendor = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
const legacy = "The policy failed legacy parsing";

describe("a malformed policy is refused in AWS's words", () => {
  const lines: readonly (readonly [why: string, reason: string, text: string, form?: Form])[] = [
    ["it is no JSON", "This policy contains invalid Json", "{"],
    ["it is a list", syntax, "[]"],
    ["it has no statement", syntax, JSON.stringify({ Version: "2012-10-17" })],
    ["its list of statements is empty", syntax, of()],
    ["an element is unknown", syntax, of({ ...statement, Acton: "s3:*" })],
    ["a top element is unknown", syntax, JSON.stringify({ Statement: [statement], Comment: "" })],
    [
      "the version is unknown",
      "The policy must contain a valid version string",
      JSON.stringify({ Version: "2020-01-01", Statement: statement }),
    ],
    ["the effect is unknown", syntax, of({ ...statement, Effect: "allow" })],
    ["there is no effect", syntax, of({ Action: "s3:*", Resource: "*" })],
    ["there is no action", "Policy statement must contain actions.", of({ Effect: "Allow", Resource: "*" })],
    ["there is Action and NotAction", syntax, of({ ...statement, NotAction: "s3:*" })],
    ["there is no resource", "Policy statement must contain resources.", of({ Effect: "Allow", Action: "s3:*" })],
    ["an action has no service", vendor, of({ ...statement, Action: "GetObject" })],
    [
      "an action has two colons",
      "Actions/Condition can contain only one colon.",
      of({ ...statement, Action: "s3:Get:Object" }),
    ],
    ["an action has a space", legacy, of({ ...statement, Action: "s3:Get Object" })],
    ["a resource is no ARN", 'Resource bucket must be in ARN format or "*".', of({ ...statement, Resource: "bucket" })],
    [
      "a partition is unknown",
      'Partition "gcp" is not valid for resource "arn:gcp:s3:::b".',
      of({ ...statement, Resource: "arn:gcp:s3:::b" }),
    ],
    [
      "a principal stands in an identity policy",
      "Policy document should not specify a principal.",
      of({ ...statement, Principal: "*" }),
    ],
    [
      "a statement id has other characters",
      "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
      of({ ...statement, Sid: "a-b" }),
    ],
    [
      "two statements share an id",
      "Statement IDs (SID) in a single policy must be unique.",
      of({ ...statement, Sid: "A" }, { ...statement, Sid: "A" }),
    ],
    ["an operator is unknown", syntax, condition({ StringEqual: { "a:b": "c" } })],
    ["Null asks IfExists", syntax, condition({ NullIfExists: { "a:b": "true" } })],
    ["a condition key has no service", vendor, condition({ StringEquals: { team: "c" } })],
    ["a condition value is an object", syntax, condition({ StringEquals: { "a:b": {} } })],
    ["a date is no date", legacy, condition({ DateLessThan: { "aws:TokenIssueTime": "soon" } })],
    ["a date does not exist", legacy, condition({ DateLessThan: { "aws:TokenIssueTime": "2026-13-41T10:00:00Z" } })],
    ["a number is no number", legacy, condition({ NumericLessThan: { "aws:MultiFactorAuthAge": "old" } })],
    ["an address is no address", legacy, condition({ IpAddress: { "aws:SourceIp": "300.1.1.1/24" } })],
    ["a prefix is too long", legacy, condition({ IpAddress: { "aws:SourceIp": "10.0.0.0/33" } })],
    [
      "a trust names nobody",
      "Missing required field Principal",
      of({ Effect: "Allow", Action: "sts:AssumeRole" }),
      "trust",
    ],
    ["a trust has a resource", "Has prohibited field Resource", of({ ...trusted, Resource: "*" }), "trust"],
    [
      "a trust speaks of another service",
      "AssumeRole policy may only specify STS AssumeRole actions.",
      of({ ...trusted, Action: "s3:*" }),
      "trust",
    ],
    [
      "a principal is no ARN",
      'Invalid principal in policy: "AWS":"mara"',
      of({ ...trusted, Principal: { AWS: "mara" } }),
      "trust",
    ],
    [
      "a principal has a wildcard in it",
      'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:role/*"',
      of({ ...trusted, Principal: { AWS: "arn:aws:iam::111122223333:role/*" } }),
      "trust",
    ],
    ["a principal's kind is unknown", syntax, of({ ...trusted, Principal: { Person: "mara" } }), "trust"],
  ];
  test.each(lines.map(([why, reason, text, form = "identity"]) => ({ why, reason, text, form })))("$why", (line) => {
    const { reason, text, form } = line;
    const parse = () => parsePolicy(text, form);
    expect(parse).toThrow(MalformedPolicy);
    expect(parse).toThrow(reason);
  });
});

test("a hostile pattern costs no more than its length", () => {
  const began = performance.now();
  for (const text of [`\${${" ".repeat(60_000)}`, `\${a${" a".repeat(30_000)}`, `${"*a".repeat(30_000)}b`]) {
    parsePolicy(of({ ...statement, Resource: `arn:aws:s3:::${text}` }), "identity");
  }
  expect(performance.now() - began).toBeLessThan(2000);
});

describe("a policy of AWS's grammar is read", () => {
  const lines: readonly (readonly [what: string, text: string, form?: Form])[] = [
    ["one statement without a list", JSON.stringify({ Version: "2012-10-17", Statement: statement })],
    ["no version, an id", JSON.stringify({ Id: "x", Statement: [statement] })],
    ["several empty statement ids", of({ ...statement, Sid: "" }, { ...statement, Sid: "" })],
    ["numbers and truths as condition values", condition({ NumericLessThan: { "a:b": 5 }, Bool: { "a:c": true } })],
    ["operators in any case", condition({ "foranyvalue:stringlikeifexists": { "a:b": "c" } })],
    ["an Identity Center key", condition({ StringEquals: { "identitystore:UserId": "x" } })],
    [
      "a private issuer's claims",
      of({
        ...trusted,
        Action: "sts:AssumeRoleWithWebIdentity",
        Principal: { Federated: "arn:aws:iam::111122223333:oidc-provider/issuer.roletrail.test" },
        Condition: { StringEquals: { "issuer.roletrail.test:aud": "x" } },
      }),
      "trust",
    ],
    ["a bucket policy's free statement id", of({ ...statement, Sid: "Allow: all!", Principal: "*" }), "resource"],
  ];
  test.each(lines.map(([what, text, form = "identity"]) => ({ what, text, form })))("$what", ({ text, form }) => {
    expect(parsePolicy(text, form).statements.length).toBeGreaterThan(0);
  });
});
