import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { AccessFile } from "#/core/access.ts";
import { evaluate } from "#/core/iam/evaluate.ts";
import { type NamedPolicy, parsePolicy } from "#/core/iam/policy.ts";
import type { Context, Principal } from "#/core/iam/request.ts";
import type { Account, Role, User } from "#/sandbox/aws/state.ts";
import { accessFile } from "#/sandbox/story/access.ts";
import { externalIds, githubIssuer, roleArn, roletrailIssuer } from "#/sandbox/story/accounts.ts";
import { guesses } from "#/sandbox/story/incident.ts";
import { organisation } from "#/sandbox/story/organisation.ts";

const state = organisation();
const access = AccessFile.parse(parse(accessFile()));

interface Holder {
  readonly account: Account;
  readonly of: Role | User;
}

const accountIdOf = (arn: string): string => arn.split(":")[4] ?? "";
const lastOf = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);

function roleAt(arn: string): Holder & { readonly of: Role } {
  const account = state.accounts.find(({ id }) => id === accountIdOf(arn));
  const of = account?.roles.find((role) => `arn:aws:iam::${account.id}:role${role.path}${role.name}` === arn);
  if (account === undefined || of === undefined) throw new Error(`no role ${arn}`);
  return { account, of };
}

function userAt(name: string): Holder & { readonly of: User; readonly arn: string } {
  for (const account of state.accounts) {
    const of = account.users.find((user) => user.name === name);
    if (of !== undefined) return { account, of, arn: `arn:aws:iam::${account.id}:user${of.path}${of.name}` };
  }
  throw new Error(`no user ${name}`);
}

const identityOf = ({ account, of }: Holder): NamedPolicy[] => [
  ...Object.entries(of.inlinePolicies).map(([name, text]) => ({ name, policy: parsePolicy(text, "identity") })),
  ...of.attachedPolicyArns.map((arn) => {
    const text = account.managedPolicies.find((managed) => managed.arn === arn)?.document ?? "";
    return { name: arn, policy: parsePolicy(text, "identity") };
  }),
];

const trustOf = (role: Role): NamedPolicy => ({ name: "trust policy", policy: parsePolicy(role.trustPolicy, "trust") });

const sessionOf = (arn: string, context: Context = {}): { principal: Principal; context: Context } => {
  const { account, of } = roleAt(arn);
  const session = `arn:aws:sts::${account.id}:assumed-role/${of.name}/someone`;
  return {
    principal: { type: "AssumedRole", account: account.id, arn: session, roleArn: arn, id: `${of.id}:someone` },
    context,
  };
};

function mayTake(
  principal: Principal,
  identity: readonly NamedPolicy[],
  target: string,
  actions: readonly string[],
  context: Context,
): string[] {
  const { account, of } = roleAt(target);
  const refused = actions.filter((action) => {
    const request = { principal, action, resource: target, resourceAccount: account.id, context };
    return evaluate(request, { identity, trust: trustOf(of) }).effect !== "allowed";
  });
  return refused.map((action) => `${action} on ${target}`);
}

const chainActions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
const mintTag = { "aws:RequestTag/RoletrailMint": "m_01k00000000000000000000001" };
const mintContext = { "sts:SourceIdentity": "p_abcdefghijklmnop", "sts:RoleSessionName": "someone", ...mintTag };

describe("every role of access.yaml", () => {
  test("exists, and lends as long as the file says", () => {
    for (const { arn, max_seconds } of access.roles)
      expect([arn, roleAt(arn).of.maxSessionSeconds]).toEqual([arn, max_seconds]);
  });

  test("is taken by its road as STS decides", () => {
    for (const { arn, road, tags, external_id } of access.roles) {
      const account = accountIdOf(arn);
      const context: Context = { ...mintContext, "aws:TagKeys": ["RoletrailMint", ...Object.keys(tags)] };
      if (road === "web-identity") {
        const provider = `arn:aws:iam::${account}:oidc-provider/${roletrailIssuer}`;
        const token = {
          [`${roletrailIssuer}:aud`]: "sts.amazonaws.com",
          [`${roletrailIssuer}:sub`]: `${account}:${lastOf(arn)}:p_abcdefghijklmnop`,
        };
        const actions = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"];
        expect(mayTake({ type: "Federated", provider }, [], arn, actions, { ...context, ...token })).toEqual([]);
      } else {
        const broker = access.accounts.find(({ id }) => id === account)?.broker ?? "";
        const with_id = external_id === undefined ? {} : { "sts:ExternalId": external_id };
        expect(
          mayTake(sessionOf(broker).principal, identityOf(roleAt(broker)), arn, chainActions, {
            ...context,
            ...with_id,
          }),
        ).toEqual([]);
      }
    }
  });

  test("refuses a token signed for another role, a tag nobody configured, and a token without the mint's", () => {
    const arn = "arn:aws:iam::111122223333:role/DbAdmin";
    const provider = `arn:aws:iam::111122223333:oidc-provider/${roletrailIssuer}`;
    const bare = { [`${roletrailIssuer}:aud`]: "sts.amazonaws.com" };
    const aud = { ...bare, "aws:TagKeys": ["RoletrailMint"], ...mintTag };
    const sub = (role: string): Context => ({ [`${roletrailIssuer}:sub`]: `111122223333:${role}:p_abcdefghijklmnop` });
    const take = (context: Context): string[] =>
      mayTake({ type: "Federated", provider }, [], arn, ["sts:AssumeRoleWithWebIdentity"], context);
    expect(take({ ...aud, ...sub("DbAdmin") })).toEqual([]);
    expect(take({ ...aud, ...sub("ReadOnly") })).toHaveLength(1);
    expect(take({ ...bare, ...sub("DbAdmin") })).toHaveLength(1);
    expect(take({ ...aud, ...sub("DbAdmin"), "aws:TagKeys": ["RoletrailMint", "admin"] })).toHaveLength(1);
  });

  test("has an account with the OIDC provider, and a revoker where it is ours", () => {
    for (const { id, revoker, broker } of access.accounts) {
      const account = state.accounts.find((each) => each.id === id);
      if (account?.outside !== true) {
        expect(account?.oidcProviders.map(({ url }) => url)).toContain(roletrailIssuer);
        expect(roleAt(revoker ?? "").account.id).toBe(id);
      } else expect(revoker).toBeUndefined();
      expect(roleAt(broker ?? "").of.name).toBe("RoletrailBroker");
    }
  });
});

describe("what the story tells is possible", () => {
  test.each([
    ["444455556666:role/Operator", "111122223333:role/DbAdmin"],
    ["111122223333:role/DbAdmin", "555566667777:role/BackupVault"],
    ["555566667777:role/BackupVault", "555566667777:role/RestoreCheck"],
    ["444455556666:role/Deploy", "444455556666:role/StackRole"],
    ["444455556666:role/Deploy", "111122223333:role/StackRole"],
    ["777788889999:role/Deploy", "777788889999:role/StackRole"],
    ["222233334444:role/SecurityAudit", "999900001111:role/MemberAudit"],
    ["222233334444:role/SecurityAudit", "555566667777:role/MemberAudit"],
    ["606070708080:role/Developer", "606070708080:role/Experiment"],
    ["606070708080:role/Experiment", "606070708080:role/Experiment"],
  ])("the chain %s → %s, with identity and tag", (from, to) => {
    const [caller, target] = [`arn:aws:iam::${from}`, `arn:aws:iam::${to}`];
    const { principal } = sessionOf(caller);
    expect(mayTake(principal, identityOf(roleAt(caller)), target, chainActions, mintContext)).toEqual([]);
  });

  test("the delivery to Acme, with the external id of the contract and not without", () => {
    const caller = "arn:aws:iam::111122223333:role/DataAnalyst";
    const target = "arn:aws:iam::303040405050:role/PartnerExport";
    const take = (context: Context): string[] =>
      mayTake(sessionOf(caller).principal, identityOf(roleAt(caller)), target, ["sts:AssumeRole"], context);
    expect(take({ "sts:ExternalId": externalIds.partnerExport })).toEqual([]);
    expect(take({ "sts:ExternalId": "nw-acme-2025" })).toHaveLength(1);
    expect(take({})).toHaveLength(1);
  });

  test("Acme's collector, GitHub's main branch and no other into production", () => {
    const caller = roleArn("vendor", "AcmeCollector");
    const monitoring = "arn:aws:iam::444455556666:role/VendorMonitoring";
    const id = { "sts:ExternalId": externalIds.vendorMonitoring };
    expect(
      mayTake(sessionOf(caller).principal, identityOf(roleAt(caller)), monitoring, ["sts:AssumeRole"], id),
    ).toEqual([]);
    const provider = `arn:aws:iam::444455556666:oidc-provider/${githubIssuer}`;
    const push = (branch: string): string[] =>
      mayTake(
        { type: "Federated", provider },
        [],
        "arn:aws:iam::444455556666:role/Deploy",
        ["sts:AssumeRoleWithWebIdentity"],
        {
          [`${githubIssuer}:aud`]: "sts.amazonaws.com",
          [`${githubIssuer}:sub`]: `repo:northwharf/shop:ref:refs/heads/${branch}`,
        },
      );
    expect(push("main")).toEqual([]);
    expect(push("node-24")).toHaveLength(1);
  });

  test("the stolen key: Operator is open to it, what it guesses is not", () => {
    const user = userAt("etl-loader");
    const principal: Principal = {
      type: "User",
      account: user.account.id,
      arn: user.arn,
      name: user.of.name,
      id: user.of.id,
    };
    const take = (target: string): string[] => mayTake(principal, identityOf(user), target, ["sts:AssumeRole"], {});
    expect(take("arn:aws:iam::444455556666:role/Operator")).toEqual([]);
    for (const [account, name] of guesses) expect(take(roleArn(account, name))).toHaveLength(1);
  });

  test("break-glass: refused without its device, let in with it", () => {
    const user = userAt("break-glass");
    const principal: Principal = {
      type: "User",
      account: user.account.id,
      arn: user.arn,
      name: user.of.name,
      id: user.of.id,
    };
    const take = (context: Context): string[] =>
      mayTake(
        principal,
        identityOf(user),
        "arn:aws:iam::999900001111:role/BreakGlassAdmin",
        ["sts:AssumeRole"],
        context,
      );
    expect(take({})).toHaveLength(1);
    expect(take({ "aws:MultiFactorAuthPresent": "true" })).toEqual([]);
  });

  test("Roletrail's own user takes broker and revokers and nothing else; the revoker never writes on Roletrail's roles", () => {
    const user = userAt("roletrail-functions");
    const principal: Principal = {
      type: "User",
      account: user.account.id,
      arn: user.arn,
      name: user.of.name,
      id: user.of.id,
    };
    const take = (target: string): string[] => mayTake(principal, identityOf(user), target, ["sts:AssumeRole"], {});
    for (const { revoker, broker } of access.accounts) {
      for (const own of [revoker, broker]) if (own !== undefined) expect(take(own)).toEqual([]);
    }
    for (const { arn } of access.roles) expect(take(arn)).toHaveLength(1);
    const revoker = "arn:aws:iam::111122223333:role/RoletrailRevoker";
    const put = (name: string): string =>
      evaluate(
        { ...sessionOf(revoker), action: "iam:PutRolePolicy", resource: `arn:aws:iam::111122223333:role/${name}` },
        { identity: identityOf(roleAt(revoker)) },
      ).effect;
    expect([put("DbAdmin"), put("RoletrailRevoker")]).toEqual(["allowed", "explicitDeny"]);
  });
});

test("Mara's minted role may call IAM and read an object of the lake", () => {
  const arn = "arn:aws:iam::111122223333:role/DataAnalyst";
  const may = (action: string, resource: string): string =>
    evaluate({ ...sessionOf(arn), action, resource }, { identity: identityOf(roleAt(arn)) }).effect;
  expect(may("iam:ListRoles", "*")).toBe("allowed");
  expect(may("s3:GetObject", "arn:aws:s3:::northwharf-lake/churn/weekly.csv")).toBe("allowed");
  expect(may("s3:DeleteObject", "arn:aws:s3:::northwharf-lake/churn/weekly.csv")).toBe("implicitDeny");
});
