import fc from "fast-check";
import type { Context, Principal } from "#/core/iam/request.ts";
import { away, home } from "./people.ts";
import type { Document } from "./table.ts";

/** One random question: small pools, so that matches and near misses are both frequent. */
export interface Question {
  readonly principal: Extract<Principal, { type: "User" | "AssumedRole" }>;
  readonly action: string;
  readonly resource: string;
  readonly resourceAccount: string;
  readonly context: Context;
  readonly identity: readonly Document[];
  readonly session: Document | undefined;
  readonly boundary: Document | undefined;
  readonly resourcePolicy: Document | undefined;
  readonly scps: readonly (readonly Document[])[];
}

/** Neither account of the questions. */
const other = "777788889999";

const mara: Question["principal"] = {
  type: "User",
  account: home,
  arn: `arn:aws:iam::${home}:user/mara`,
  name: "mara",
  id: "AIDAMARAMARAMARAMARA1",
};

const deploy: Question["principal"] = {
  type: "AssumedRole",
  account: home,
  arn: `arn:aws:sts::${home}:assumed-role/Deploy/mara`,
  roleArn: `arn:aws:iam::${home}:role/Deploy`,
  id: "AROADEPLOYDEPLOYDEPLO:mara",
};

const asked = fc.constantFrom(
  ["s3:GetObject", "arn:aws:s3:::reports/2026/q3.csv"],
  ["s3:GetObject", "arn:aws:s3:::home/mara/a"],
  ["s3:PutObject", "arn:aws:s3:::reports/2026/q3.csv"],
  ["s3:ListBucket", "arn:aws:s3:::reports"],
  ["sts:AssumeRole", `arn:aws:iam::${home}:role/ReadOnly`],
  ["sts:AssumeRole", `arn:aws:iam::${away}:role/ReadOnly`],
  ["ec2:StopInstances", `arn:aws:ec2:us-east-1:${home}:instance/i-1`],
);

const actions = fc.constantFrom(
  "*",
  "*",
  "s3:*",
  "s3:Get*",
  "s3:GetObject",
  "s3:?etObject",
  "sts:AssumeRole",
  "sts:*",
  "ec2:Stop*",
  "S3:getobject",
);

const fixed = [
  "*",
  "arn:aws:s3:::reports/*",
  "arn:aws:s3:::reports",
  "arn:aws:s3:::report?/2026/q?.csv",
  "arn:aws:s3:::*",
  "arn:aws:s3:::home/*/a",
  `arn:aws:iam::${home}:role/*`,
  `arn:aws:iam::*:role/ReadOnly`,
  `arn:aws:ec2:*:${home}:instance/*`,
];
// A variable that cannot be filled in, inside NotResource or a negated condition, is a corner AWS does not document.
const others = fc.constantFrom(...fixed);
const resources = fc.constantFrom(...fixed, "*", "*", `arn:aws:s3:::home/\${aws:username}/*`);

const times = fc.constantFrom("2026-11-21T09:59:59Z", "2026-11-21T10:00:00Z", "2026-11-21T10:00:01Z");
const words = fc.constantFrom("data", "Data", "ops", "da", "mara");
const wanted = fc.oneof(words, fc.constant(`\${aws:PrincipalTag/team}`));
const patterns = fc.constantFrom("data", "d*", "?ata", "*a", "ops", "*");
const addresses = fc.constantFrom("203.0.113.9", "198.51.100.7", "10.1.2.3");
const networks = fc.constantFrom("203.0.113.0/24", "10.0.0.0/8", "198.51.100.7", "203.0.113.8/30");

const many = <Value>(values: fc.Arbitrary<Value>) => fc.uniqueArray(values, { minLength: 1, maxLength: 3 });

const names = fc.constantFrom("aws:PrincipalTag/team", "aws:SourceIdentity", "aws:username");
const arns = fc.constantFrom(
  `arn:aws:iam::${home}:role/*`,
  `arn:aws:iam::*:user/mara`,
  `arn:aws:iam::${home}:role/Deploy`,
  "arn:aws:iam::*:*",
);

const condition = fc.oneof(
  entry(["StringEquals", "StringEqualsIgnoreCase"], names, wanted),
  entry(["StringNotEquals", "StringNotEqualsIgnoreCase"], names, words),
  entry(["StringLike", "StringNotLike"], names, patterns),
  entry(["ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals"], fc.constant("aws:PrincipalArn"), arns),
  entry(
    ["DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals", "DateEquals", "DateNotEquals"],
    fc.constant("aws:TokenIssueTime"),
    times,
  ),
  entry(["IpAddress", "NotIpAddress"], fc.constant("aws:SourceIp"), networks),
  entry(["Bool"], fc.constant("aws:MultiFactorAuthPresent"), fc.constantFrom("true", "false")),
  entry(
    ["NumericLessThan", "NumericGreaterThanEquals", "NumericEquals", "NumericNotEquals"],
    fc.constant("aws:MultiFactorAuthAge"),
    fc.constantFrom("60", "3600"),
  ),
  quantified(),
  fc
    .tuple(fc.constantFrom("aws:SourceIdentity", "aws:TokenIssueTime"), fc.constantFrom("true", "false"))
    .map(([key, value]) => ({ Null: { [key]: value } })),
);

function entry(operators: readonly string[], keys: fc.Arbitrary<string>, values: fc.Arbitrary<string>) {
  return fc
    .tuple(fc.constantFrom(...operators), fc.boolean(), keys, many(values))
    .map(([operator, ifExists, key, wanted]) => ({ [ifExists ? `${operator}IfExists` : operator]: { [key]: wanted } }));
}

function quantified() {
  return fc
    .tuple(
      fc.constantFrom("ForAllValues", "ForAnyValue"),
      fc.constantFrom("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"),
      many(patterns),
    )
    .map(([quantifier, operator, wanted]) => ({ [`${quantifier}:${operator}`]: { "aws:TagKeys": wanted } }));
}

const conditions = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  {
    weight: 3,
    arbitrary: fc
      .array(condition, { minLength: 1, maxLength: 2 })
      .map((list) => ({ Condition: Object.assign({}, ...list) })),
  },
);

const effect = fc.constantFrom("Allow", "Allow", "Allow", "Allow", "Allow", "Deny");

const statement = fc
  .record({
    effect,
    action: fc.tuple(fc.constantFrom("Action", "Action", "Action", "NotAction"), many(actions)),
    resource: fc.oneof(
      { weight: 4, arbitrary: fc.tuple(fc.constant("Resource"), many(resources)) },
      { weight: 1, arbitrary: fc.tuple(fc.constant("NotResource"), many(others)) },
    ),
    conditions,
  })
  .map(({ effect: Effect, action, resource, conditions: Condition }) => ({
    Effect,
    [action[0]]: action[1],
    [resource[0]]: resource[1],
    ...Condition,
  }));

const principals = fc.constantFrom(
  "*",
  { AWS: "*" },
  { AWS: home },
  { AWS: `arn:aws:iam::${home}:root` },
  { AWS: away },
  { AWS: mara.arn },
  { AWS: deploy.roleArn },
  { AWS: deploy.arn },
  { AWS: [mara.arn, deploy.roleArn] },
  { Service: "ec2.amazonaws.com" },
);

const policy: fc.Arbitrary<Document> = fc.array(statement, { minLength: 1, maxLength: 3 });
const grants: fc.Arbitrary<Document> = fc.array(
  fc.tuple(statement, principals).map(([own, Principal]) => ({ ...own, Principal })),
  { minLength: 1, maxLength: 3 },
);

const context: fc.Arbitrary<Context> = fc
  .record(
    {
      "aws:PrincipalTag/team": words,
      "aws:SourceIdentity": words,
      "aws:TokenIssueTime": times,
      "aws:SourceIp": addresses,
      "aws:MultiFactorAuthPresent": fc.constantFrom("true", "false"),
      "aws:MultiFactorAuthAge": fc.constantFrom("59", "60", "4000"),
      "aws:TagKeys": many(words),
    },
    { requiredKeys: [] },
  )
  .map((keys) => ({ ...keys }));

/** Every kind of policy at once; about 8 % of the questions end as allowed, 21 % as explicitly denied. */
export const question: fc.Arbitrary<Question> = fc
  .record({
    principal: fc.constantFrom(mara, deploy),
    asked,
    context,
    foreign: fc.boolean(),
    identity: fc.array(policy, { maxLength: 2 }),
    session: fc.option(policy, { nil: undefined, freq: 3 }),
    boundary: fc.option(policy, { nil: undefined, freq: 3 }),
    resourcePolicy: fc.option(grants, { nil: undefined, freq: 2 }),
    scps: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      {
        weight: 1,
        arbitrary: fc.array(fc.array(policy, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 }),
      },
    ),
  })
  .map(({ asked: [action = "", resource = ""], foreign, session, resourcePolicy, ...rest }) => ({
    ...rest,
    action,
    // A role always has a trust policy; one that lets in another account stands for none.
    resourcePolicy:
      resourcePolicy ?? (action === "sts:AssumeRole" ? [{ Effect: "Allow", Principal: { AWS: other } }] : undefined),
    resource,
    session: rest.principal.type === "AssumedRole" ? session : undefined,
    resourceAccount: resource.includes(away) ? away : foreign && resource.startsWith("arn:aws:s3") ? away : home,
  }));
