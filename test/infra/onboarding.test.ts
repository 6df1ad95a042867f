import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse as parseHcl } from "@cdktf/hcl2json";
import { describe, expect, test } from "vitest";
import { parse, type ScalarTag } from "yaml";
import { z } from "zod";
import { evaluate } from "#/core/iam/evaluate.ts";
import { type PolicyKind, parsePolicy } from "#/core/iam/policy.ts";
import { contextOf, type Principal } from "#/core/iam/request.ts";
import { trustStatements } from "#/core/mint/trust.ts";

const folder = path.resolve(import.meta.dirname, "../../onboarding");
const text = (file: string): string => readFileSync(path.join(folder, file), "utf8");

const issuer = "issuer.example.com";
const account = "222233334444";
const security = "111122223333";

/** What CloudFormation fills in, for the account of the tests. */
const values: Readonly<Record<string, string>> = {
  "AWS::Partition": "aws",
  "AWS::AccountId": account,
  Issuer: issuer,
  SecurityAccount: security,
  Stage: "production",
  RoleName: "DataReader",
};
const filled = (template: string): string =>
  template.replaceAll(/\$\{([\w:]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`nothing fills in ${name}`);
    return value;
  });
const tag = (name: string, resolve: (given: string) => unknown): ScalarTag => ({ tag: name, resolve });
const Template = z.object({ Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.json() })) });

function cloudFormation(file: string) {
  const tags = [tag("!Sub", filled), tag("!Ref", (name) => values[name] ?? name), tag("!GetAtt", (name) => name)];
  return Template.parse(parse(text(file), { customTags: tags })).Resources;
}

const Role = z.object({
  AssumeRolePolicyDocument: z.union([z.string(), z.json()]),
  Policies: z.array(z.object({ PolicyDocument: z.json() })).default([]),
});
const roleOf = (file: string, name: string) => {
  const { AssumeRolePolicyDocument: trust, Policies } = Role.parse(cloudFormation(file)[name]?.Properties);
  return {
    trust: typeof trust === "string" ? trust : JSON.stringify(trust),
    policy: JSON.stringify(Policies[0]?.PolicyDocument ?? null),
  };
};

/** Terraform's own template words: values, and one `if`. */
const terraform = (file: string, given: Readonly<Record<string, string | boolean>>): string =>
  text(`terraform/${file}`)
    .replaceAll(/%\{ if (\w+) \}([\s\S]*?)%\{ endif \}/g, (_, name: string, body: string) => (given[name] ? body : ""))
    .replaceAll(/\$\{(\w+)\}/g, (_, name: string) => String(given[name]));

const arn = (role: string): string => `arn:aws:iam::${account}:role/${role}`;

/** Does this trust let the caller in? Who calls is taken to be allowed by their own policies. */
function lets(
  trust: string,
  principal: Principal,
  action: string,
  context: Record<string, string | string[]>,
): boolean {
  const anything = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
  const decision = evaluate(
    {
      principal,
      action,
      resource: arn("x"),
      resourceAccount: account,
      context: { ...contextOf(principal), ...context },
    },
    {
      identity: [{ name: "any", policy: parsePolicy(JSON.stringify(anything), "identity") }],
      trust: { name: "trust", policy: parsePolicy(trust, "trust") },
    },
  );
  return decision.effect === "allowed";
}

const provider: Principal = { type: "Federated", provider: `arn:aws:iam::${account}:oidc-provider/${issuer}` };
const token = (more: Record<string, string | string[]> = {}) => ({
  [`${issuer}:aud`]: "sts.amazonaws.com",
  [`${issuer}:sub`]: `${account}:DataReader:p_abcdefghijklmnop`,
  "aws:TagKeys": ["RoletrailMint"],
  "aws:RequestTag/RoletrailMint": "m_01k00000000000000000000001",
  ...more,
});
const lambdaRole = (name: string): Principal => ({
  type: "AssumedRole",
  account: security,
  arn: `arn:aws:sts::${security}:assumed-role/${name}/x`,
  roleArn: `arn:aws:iam::${security}:role/${name}`,
  id: "AROAEXAMPLE:x",
});

const trusts: readonly (readonly [string, () => string])[] = [
  ["CloudFormation", () => roleOf("role.yaml", "Role").trust],
  [
    "Terraform",
    () =>
      terraform("trust.json.tftpl", {
        partition: "aws",
        account,
        issuer,
        role: "DataReader",
        tag_keys: JSON.stringify(["RoletrailMint"]),
      }),
  ],
];

describe.each(trusts)("the trust of a role people take, by %s", (_, trustOf) => {
  const steps = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"];

  test("takes a token made for this role, with its tags and its person", () => {
    for (const step of steps) expect([step, lets(trustOf(), provider, step, token())]).toEqual([step, true]);
  });

  test("refuses the token of another role, another account, a longer name, another audience, another issuer", () => {
    const sub = (value: string) => token({ [`${issuer}:sub`]: value });
    const refused: readonly (readonly [string, Principal, Record<string, string | string[]>])[] = [
      ["another role", provider, sub(`${account}:Administrator:p_abcdefghijklmnop`)],
      ["another account", provider, sub("999900001111:DataReader:p_abcdefghijklmnop")],
      ["a role whose name begins so", provider, sub(`${account}:DataReaderPlus:p_abcdefghijklmnop`)],
      ["another audience", provider, token({ [`${issuer}:aud`]: "api.example.com" })],
      ["no audience", provider, { [`${issuer}:sub`]: `${account}:DataReader:p_abcdefghijklmnop` }],
      [
        "another issuer",
        { type: "Federated", provider: `arn:aws:iam::${account}:oidc-provider/evil.example` },
        token(),
      ],
      ["a plain role", lambdaRole("roletrail-production-mint"), token()],
    ];
    for (const [what, principal, context] of refused)
      expect([what, lets(trustOf(), principal, "sts:AssumeRoleWithWebIdentity", context)]).toEqual([what, false]);
  });

  test("refuses tags it does not name", () => {
    const extra = token({ "aws:TagKeys": ["RoletrailMint", "Department"] });
    expect(lets(trustOf(), provider, "sts:TagSession", extra)).toBe(false);
  });

  test("refuses a token without the mint's tag: its session could not be ended alone", () => {
    const { "aws:RequestTag/RoletrailMint": _mint, ...without } = token();
    for (const keys of [undefined, [], ["RoletrailMint"]])
      for (const step of steps.slice(0, 2)) {
        const context = { ...without, ...(keys === undefined ? {} : { "aws:TagKeys": keys }) };
        expect([step, lets(trustOf(), provider, step, context)]).toEqual([step, false]);
      }
    const { "aws:TagKeys": _keys, ...none } = without;
    expect(lets(trustOf(), provider, "sts:AssumeRoleWithWebIdentity", none)).toBe(false);
    // AWS does not say that the request's tags are there when the source identity is judged: it must not hang on them.
    expect(lets(trustOf(), provider, "sts:SetSourceIdentity", none)).toBe(true);
  });

  test("is what preflight asks for", () => {
    const wanted = trustStatements({
      terms: termsOf("DataReader"),
      issuer: `https://${issuer}`,
      tags: { RoletrailMint: "m_" },
      source_identity: "p_abcdefghijklmnop",
    });
    expect(JSON.parse(trustOf()).Statement).toEqual(wanted);
  });
});

function termsOf(name: string) {
  const role = { arn: arn(name), road: "web-identity" as const, max_seconds: 3600, source_identity: true, tags: {} };
  const entry = { id: account, name: "data", partition: "aws" as const, region: "eu-central-1" };
  return { role, account: entry, ways: [], seconds_max: 3600, requires: [] };
}

const takers = (names: readonly string[]): string =>
  terraform("taken-by.json.tftpl", {
    functions: JSON.stringify(names.map((name) => `arn:aws:iam::${security}:role/roletrail-production-${name}`)),
  });
const own: readonly (readonly [string, () => Record<"reader" | "revoker", { trust: string; policy: string }>])[] = [
  ["CloudFormation", () => ({ reader: roleOf("account.yaml", "Reader"), revoker: roleOf("account.yaml", "Revoker") })],
  [
    "Terraform",
    () => {
      const roles = `arn:aws:iam::${account}:role`;
      return {
        reader: {
          trust: takers(["mint", "read", "revoke"]),
          policy: terraform("may.json.tftpl", { roles, writes: false }),
        },
        revoker: { trust: takers(["revoke"]), policy: terraform("may.json.tftpl", { roles, writes: true }) },
      };
    },
  ],
];

describe.each(own)("Roletrail's own roles in a target account, by %s", (_, rolesOf) => {
  const by = (trust: string, name: string): boolean => lets(trust, lambdaRole(name), "sts:AssumeRole", {});

  test("the revoker is taken by the revoke function alone; never by a token of the issuer", () => {
    const { revoker } = rolesOf();
    expect(by(revoker.trust, "roletrail-production-revoke")).toBe(true);
    for (const name of ["mint", "read", "web", "ask", "revoke2"])
      expect([name, by(revoker.trust, `roletrail-production-${name}`)]).toEqual([name, false]);
    expect(by(revoker.trust, "Administrator")).toBe(false);
    expect(lets(revoker.trust, provider, "sts:AssumeRoleWithWebIdentity", token())).toBe(false);
  });

  test("the reader is taken by who must look, and writes nothing", () => {
    const { reader } = rolesOf();
    for (const name of ["mint", "read", "revoke"]) expect(by(reader.trust, `roletrail-production-${name}`)).toBe(true);
    for (const name of ["web", "vault", "ask"]) expect(by(reader.trust, `roletrail-production-${name}`)).toBe(false);
    expect(holds(reader.policy, "iam:GetRole", arn("DataReader"))).toBe(true);
    for (const action of ["iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "s3:GetObject", "sts:AssumeRole"])
      expect([action, holds(reader.policy, action, arn("DataReader"))]).toEqual([action, false]);
  });

  test("the revoker writes policies of roles, but not its own, the organisation's or AWS's", () => {
    const { revoker } = rolesOf();
    expect(holds(revoker.policy, "iam:PutRolePolicy", arn("DataReader"))).toBe(true);
    for (const name of [
      "RoletrailRevoker",
      "RoletrailReader",
      "OrganizationAccountAccessRole",
      "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1",
    ])
      expect([name, holds(revoker.policy, "iam:PutRolePolicy", arn(name))]).toEqual([name, false]);
    for (const action of [
      "iam:DeleteRolePolicy",
      "iam:AttachRolePolicy",
      "iam:UpdateAssumeRolePolicy",
      "iam:CreateRole",
    ])
      expect([action, holds(revoker.policy, action, arn("DataReader"))]).toEqual([action, false]);
  });
});

function holds(policy: string, action: string, resource: string, context: Record<string, string> = {}): boolean {
  const principal: Principal = { ...lambdaRole("x"), account } as Principal;
  const identity = [{ name: "it", policy: parsePolicy(policy, "identity") }];
  return (
    evaluate({ principal, action, resource, context: { ...contextOf(principal), ...context } }, { identity }).effect ===
    "allowed"
  );
}

describe("policies of the organisation", () => {
  test("the RCP lets our issuer's tokens through and no other issuer's", () => {
    const rcp = text("foreign-issuers.rcp.json").replaceAll("${" + "issuer}", issuer);
    const trustAll = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Federated: "*" }, Action: "sts:AssumeRoleWithWebIdentity" }],
    });
    const through = (principal: Principal, context: Record<string, string>): boolean =>
      evaluate(
        { principal, action: "sts:AssumeRoleWithWebIdentity", resource: arn("x"), resourceAccount: account, context },
        {
          identity: [],
          trust: { name: "trust", policy: parsePolicy(trustAll, "trust") },
          resource: { name: "rcp", policy: parsePolicy(rcp, "resource" satisfies PolicyKind) },
        },
      ).effect === "allowed";
    const foreign: Principal = { type: "Federated", provider: `arn:aws:iam::${account}:oidc-provider/evil.example` };
    expect(through(provider, { [`${issuer}:aud`]: "sts.amazonaws.com" })).toBe(true);
    expect(through(provider, { [`${issuer}:aud`]: "api.example.com" })).toBe(false);
    expect(through(foreign, { "evil.example:aud": "sts.amazonaws.com" })).toBe(false);
  });

  test("long-term keys get an MFA session and nothing else", () => {
    const forced = text("mfa-for-long-term-keys.json");
    const user: Principal = {
      type: "User",
      account,
      arn: `arn:aws:iam::${account}:user/jo`,
      name: "jo",
      id: "AIDAEXAMPLE",
    };
    const all = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] });
    const can = (action: string, context: Record<string, string> = {}): boolean =>
      evaluate(
        { principal: user, action, resource: "*", context: { ...contextOf(user), ...context } },
        {
          identity: [
            { name: "all", policy: parsePolicy(all, "identity") },
            { name: "mfa", policy: parsePolicy(forced, "identity") },
          ],
        },
      ).effect === "allowed";
    expect(can("s3:ListAllMyBuckets")).toBe(false);
    expect(can("sts:AssumeRole")).toBe(false);
    expect(can("sts:GetSessionToken")).toBe(true);
    expect(can("s3:ListAllMyBuckets", { "aws:MultiFactorAuthPresent": "false" })).toBe(false);
    expect(can("s3:ListAllMyBuckets", { "aws:MultiFactorAuthPresent": "true" })).toBe(true);
  });
});

test("Terraform's module parses, and makes what CloudFormation makes", async () => {
  const module = z
    .object({ resource: z.record(z.string(), z.record(z.string(), z.array(z.json()))) })
    .loose()
    .parse(await parseHcl("main.tf", text("terraform/main.tf")));
  expect(Object.keys(module.resource).sort()).toEqual([
    "aws_iam_openid_connect_provider",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
  ]);
  expect(Object.keys(module.resource["aws_iam_role"] ?? {}).sort()).toEqual(["reader", "revoker", "taken"]);
  const used = [...text("terraform/main.tf").matchAll(/([\w-]+\.json\.tftpl)/g)].map(([, name]) => name);
  expect([...new Set(used)].sort()).toEqual(
    readdirSync(path.join(folder, "terraform"))
      .filter((name) => name.endsWith(".tftpl"))
      .sort(),
  );
});
