import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { calculateJwkThumbprint } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { settings } from "#/core/config.ts";
import { evaluate as decide } from "#/core/iam/evaluate.ts";
import { parsePolicy } from "#/core/iam/policy.ts";
import { contextOf, type RoleSession } from "#/core/iam/request.ts";
import { functions } from "#/core/invoke.ts";
import { tableShape } from "#/core/store/dynamodb.ts";
import { rawColumns } from "#/queries/engines/athena-raw.ts";
import { sqlSeconds } from "#/queries/engines/engine.ts";
import { bundleHandler, evaluate, type Graph, type Resource, root, told } from "./graph/evaluate.ts";
import { wildcards } from "./graph/wildcards.ts";

const { sstPlatform } = await import("../../tools/sst.mjs");
const platform: { path?: string; missing?: string } = sstPlatform();
// Where it cannot be installed, the suite says so; in CI that is a failure.
const absent = platform.path === undefined;
if (absent && process.env["CI"] === "true") throw new Error(platform.missing);

describe.skipIf(absent)(absent ? `the deployment (not run: ${platform.missing})` : "the deployment", () => {
  const found = platform.path ?? "";
  /** What web may ask, and what nobody asks who is not a schedule or an administrator. */
  const invoked = Object.keys(functions);
  const inward = ["facts", "sweep", "anchor", "reconcile", "notify"];
  let graph: Graph;
  /** The same with an organisation trail that is there already, and an allow-list of addresses. */
  let adopting: Graph;
  /** The same with the app behind a load balancer of a private network. */
  let privately: Graph;

  beforeAll(async () => {
    const adopted = {
      ROLETRAIL_DEPLOY_TRAIL: "s3://company-logs/audit",
      ROLETRAIL_DEPLOY_ANCHORS: "s3://company-anchors/roletrail",
      ROLETRAIL_DEPLOY_ALLOWED_IPS: "203.0.113.0/24,198.51.100.7/32",
      ROLETRAIL_DEPLOY_ISSUER_KEYS: "second,first",
      ROLETRAIL_DEPLOY_ACCESS_ADMIN: "arn:aws:iam::111122223333:role/AccessAdmin",
    };
    const inside = {
      ROLETRAIL_DEPLOY_VPC: "vpc-0123456789abcdef0",
      ROLETRAIL_DEPLOY_SUBNETS: "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
      ROLETRAIL_DEPLOY_ALLOWED_IPS: "10.20.0.0/16",
    };
    const [first, second, third] = await evaluate(found, [{}, adopted, inside]);
    if (first === undefined || second === undefined || third === undefined) throw new Error("a graph is missing");
    [graph, adopting, privately] = [first, second, third];
  }, 240_000);

  const of = (type: string, from: Graph = graph): readonly Resource[] =>
    from.resources.filter((each) => each.type === type);
  const one = (type: string, name: string, from: Graph = graph): Resource => {
    const hit = of(type, from).find((each) => each.name === name);
    if (hit === undefined) throw new Error(`There is no ${type} ${name}`);
    return hit;
  };

  const Policy = z.object({
    Statement: z.array(
      z.object({
        Effect: z.string(),
        Action: z.union([z.string(), z.array(z.string())]),
        Resource: z.union([z.string(), z.array(z.string())]).optional(),
        Principal: z.union([z.string(), z.record(z.string(), z.union([z.string(), z.array(z.string())]))]).optional(),
      }),
    ),
  });
  const statementsOf = (text: string) => Policy.parse(JSON.parse(text)).Statement;
  const list = (value: string | readonly string[] | undefined): readonly string[] =>
    value === undefined ? [] : [value].flat();

  /** Every role by its short name, with its one policy. */
  const roles = (from: Graph = graph) =>
    of("aws:iam/role:Role", from).map(({ name, inputs }) => ({
      name: String(inputs.name).replace("roletrail-production-", ""),
      logical: name,
      trust: String(inputs.assumeRolePolicy),
      managed: list(inputs.managedPolicyArns),
      policies: z.array(z.object({ policy: z.string() })).parse(inputs.inlinePolicies ?? []),
    }));
  const policyOf = (name: string, from: Graph = graph): string => {
    const role = roles(from).find((each) => each.name === name);
    if (role?.policies.length !== 1) throw new Error(`${name} has not one policy`);
    return role.policies[0]?.policy ?? "";
  };

  const session = (role: string): RoleSession => ({
    type: "AssumedRole",
    account: told.ROLETRAIL_DEPLOY_ACCOUNT,
    arn: `arn:aws:sts::${told.ROLETRAIL_DEPLOY_ACCOUNT}:assumed-role/${role}/x`,
    roleArn: `arn:aws:iam::${told.ROLETRAIL_DEPLOY_ACCOUNT}:role/${role}`,
    id: "AROAEXAMPLE:x",
  });
  const anything = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
  });

  /** May this role do it, by its own policy and, where the thing has one, by the thing's? */
  function may(
    role: string,
    action: string,
    resource: string,
    more: { identity?: string; resource?: string; context?: Record<string, string> } = {},
  ): boolean {
    const principal = session(role.includes("/") ? role : `roletrail-production-${role}`);
    const identity = [{ name: role, policy: parsePolicy(more.identity ?? policyOf(role), "identity") }];
    const context = { ...contextOf(principal), "aws:SecureTransport": "true", ...more.context };
    return (
      decide(
        { principal, action, resource, context },
        {
          identity,
          ...(more.resource === undefined
            ? {}
            : { resource: { name: "its own", policy: parsePolicy(more.resource, "resource") } }),
        },
      ).effect === "allowed"
    );
  }

  test("sst.config.ts and infra/ are of the right types for SST and Pulumi", { timeout: 240_000 }, () => {
    const tsc = spawnSync(
      process.execPath,
      [path.join(root, "node_modules/typescript-native/bin/tsc"), "-p", "tsconfig.sst.json"],
      { cwd: root, encoding: "utf8" },
    );
    expect(tsc.stdout).toBe("");
    expect(tsc.status).toBe(0);
  });

  test("web's complete policy is, word for word, the one written by hand", () => {
    const written = readFileSync(path.join(root, "test/infra/web-policy.json"), "utf8");
    const web = roles().find(({ name }) => name === "web");
    expect(web?.managed).toEqual([]);
    expect(web?.policies).toHaveLength(1);
    expect(JSON.parse(policyOf("web"))).toEqual(JSON.parse(written));
    const server = of("aws:lambda/function:Function").find(({ inputs }) => inputs.name === "roletrail-production-web");
    expect(server?.inputs.role).toContain(":role/roletrail-production-web");
  });

  test("web may invoke the functions of the invoke table and can itself mint, read, write, change nothing", () => {
    const name = (of: string): string => `arn:aws:lambda:eu-central-1:111122223333:function:roletrail-production-${of}`;
    for (const each of Object.keys(functions)) expect(may("web", "lambda:InvokeFunction", name(each))).toBe(true);
    for (const each of inward) expect(may("web", "lambda:InvokeFunction", name(each))).toBe(false);
    const table = "arn:aws:dynamodb:eu-central-1:111122223333:table/";
    const [state, ledger] = ["State", "Ledger"].map((each) => `${table}${tableNamed(each)}`);
    const refused: readonly (readonly [string, string | undefined])[] = [
      ["sts:AssumeRole", "arn:aws:iam::222233334444:role/RoletrailRevoker"],
      ["sts:AssumeRole", "arn:aws:iam::111122223333:role/RoletrailBroker"],
      ["kms:Sign", "arn:aws:kms:eu-central-1:111122223333:key/IssuerKeyfirst"],
      ["secretsmanager:GetSecretValue", one("aws:secretsmanager/secret:Secret", "FunctionKeys").inputs.name],
      ["dynamodb:GetItem", state],
      ["dynamodb:PutItem", ledger],
      ["dynamodb:UpdateItem", state],
      ["athena:StartQueryExecution", "arn:aws:athena:eu-central-1:111122223333:workgroup/roletrail-production-pages"],
      ["s3:PutObject", "arn:aws:s3:::roletrail-production-issuer-issuerfiles/jwks.json"],
      ["s3:PutObject", "arn:aws:s3:::roletrail-production-anchors-anchors/x"],
      ["s3:PutObject", "arn:aws:s3:::roletrail-production-access-access/access.yaml"],
      ["s3:GetObjectVersion", "arn:aws:s3:::roletrail-production-access-access/access.yaml"],
      ["lambda:UpdateFunctionCode", name("mint")],
      ["lambda:UpdateFunctionConfiguration", name("web")],
      ["iam:PutRolePolicy", "arn:aws:iam::111122223333:role/roletrail-production-web"],
      ["cloudfront:CreateInvalidation", "*"],
    ];
    for (const [action, resource] of refused)
      expect([action, may("web", action, resource ?? "")]).toEqual([action, false]);
  });

  const tableNamed = (name: string): string => one("aws:dynamodb/table:Table", `${name}Table`).inputs.name;

  test("no role trusts the account's root or anybody, only the service or the one function that takes it", () => {
    const trusted = Object.fromEntries(
      roles().map(({ name, trust }) => [
        name.startsWith("WebEdgeRole") ? "WebEdgeRole" : name,
        statementsOf(trust).flatMap(({ Principal }) => {
          if (typeof Principal !== "object") return ["anybody"];
          return Object.values(Principal).flatMap(list);
        }),
      ]),
    );
    const lambda = ["lambda.amazonaws.com"];
    const functionsOf = [...invoked, ...inward, "web", "images"];
    expect(trusted).toEqual({
      ...Object.fromEntries(functionsOf.map((name) => [name, lambda])),
      WebEdgeRole: ["lambda.amazonaws.com", "edgelambda.amazonaws.com"],
      "anchor-schedule": ["scheduler.amazonaws.com"],
      "facts-schedule": ["scheduler.amazonaws.com"],
      "notify-schedule": ["scheduler.amazonaws.com"],
      "sweep-schedule": ["scheduler.amazonaws.com"],
      adhoc: ["arn:aws:iam::111122223333:role/roletrail-production-ask"],
      RoletrailBroker: ["arn:aws:iam::111122223333:role/roletrail-production-mint"],
    });
  });

  test("every star in a policy has its reason written down, and every reason its star", () => {
    const stars = roles().flatMap(({ name, policies }) =>
      policies.flatMap(({ policy }) =>
        statementsOf(policy).flatMap(({ Action, Resource }) =>
          [...list(Action), ...list(Resource)].filter((text) => text.includes("*")).map((star) => `${name} ${star}`),
        ),
      ),
    );
    expect([...new Set(stars)].sort()).toEqual(wildcards.map(({ role, star }) => `${role} ${star}`).sort());
    for (const { reason } of wildcards) expect(reason.length).toBeGreaterThan(20);
  });

  test("AWS's managed policies are on one role: the edge signer's, whose logs lie in whichever Region is near a visitor", () => {
    const managed = roles().filter((role) => role.managed.length > 0);
    expect(managed.map(({ logical, managed: arns }) => [logical, arns])).toEqual([
      ["WebEdgeFunctionRole", ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]],
    ]);
  });

  test("the mint function alone signs, and alone becomes the broker; revoke alone becomes the revoker", () => {
    const holders = (action: string, resource: string, context: Record<string, string> = {}): readonly string[] =>
      roles()
        .filter(({ policies }) => policies.length === 1)
        .filter(({ name, policies }) => may(name, action, resource, { identity: policies[0]?.policy ?? "", context }))
        .map(({ name }) => name);
    const org = { "aws:ResourceOrgID": "o-exampleorg1" };
    expect(holders("kms:Sign", "arn:aws:kms:eu-central-1:111122223333:key/IssuerKeyfirst")).toEqual(["mint"]);
    expect(holders("sts:AssumeRole", "arn:aws:iam::111122223333:role/RoletrailBroker")).toEqual(["mint"]);
    expect(holders("sts:AssumeRole", "arn:aws:iam::222233334444:role/RoletrailRevoker", org)).toEqual(["revoke"]);
    const elsewhere = { "aws:ResourceOrgID": "o-somebodyelse" };
    expect(holders("sts:AssumeRole", "arn:aws:iam::999900001111:role/RoletrailRevoker", elsewhere)).toEqual([]);
    expect(holders("sts:AssumeRole", "arn:aws:iam::333344445555:role/ShopSupport")).toEqual(["RoletrailBroker"]);
    expect(holders("sts:AssumeRole", "arn:aws:iam::333344445555:role/Other")).toEqual([]);
  });

  test("ask and facts alone talk to Athena, each in its own workgroup", () => {
    const group = (name: string): string =>
      `arn:aws:athena:eu-central-1:111122223333:workgroup/roletrail-production-${name}`;
    const runs = (name: string): readonly string[] =>
      roles()
        .filter(({ policies }) => policies.length === 1)
        .filter((role) =>
          may(role.name, "athena:StartQueryExecution", group(name), { identity: role.policies[0]?.policy ?? "" }),
        )
        .map((role) => role.name);
    expect([runs("pages"), runs("refresh"), runs("adhoc")]).toEqual([["ask"], ["facts"], ["adhoc"]]);
  });

  test("each door of a function is an alias that one role may invoke, and that role not the function itself", () => {
    const doors = of("aws:lambda/alias:Alias").map(({ inputs }) => `${inputs.functionName}:${inputs.name}`);
    const arn = (name: string): string => `arn:aws:lambda:eu-central-1:111122223333:function:${name}`;
    expect(doors.sort()).toEqual([
      "roletrail-production-ask:notify",
      "roletrail-production-ask:read",
      "roletrail-production-ask:revoke",
      "roletrail-production-ask:sweep",
      "roletrail-production-revoke:sweep",
    ]);
    const invoking = (name: string): readonly string[] =>
      roles()
        .filter(({ policies }) => policies.length === 1)
        .filter(({ name: role, policies }) =>
          may(role, "lambda:InvokeFunction", arn(name), { identity: policies[0]?.policy ?? "" }),
        )
        .map(({ name: role }) => role);
    for (const each of doors) expect([each, invoking(each)]).toEqual([each, [each.split(":")[1]]]);
    for (const name of ["ask", "revoke"]) expect(invoking(`roletrail-production-${name}`)).toEqual(["web"]);
    expect(invoking("roletrail-production-ask:anything")).toEqual([]);
    for (const { inputs } of of("aws:lambda/alias:Alias")) expect(inputs.functionVersion).toBe("$LATEST");
  });

  test("the issuer's key signs for mint only, whatever another role's policy says", () => {
    const policy = one("aws:kms/key:Key", "IssuerKeyfirst").inputs.policy;
    const arn = "arn:aws:kms:eu-central-1:111122223333:key/IssuerKeyfirst";
    const signs = (role: string): boolean => may(role, "kms:Sign", arn, { identity: anything, resource: policy });
    expect(signs("mint")).toBe(true);
    for (const role of ["web", "revoke", "ask", "sweep"]) expect(signs(role)).toBe(false);
    const admin = decide(
      {
        principal: session("IssuerAdmin"),
        action: "kms:Sign",
        resource: arn,
        context: contextOf(session("IssuerAdmin")),
      },
      {
        identity: [{ name: "all", policy: parsePolicy(anything, "identity") }],
        resource: { name: "key", policy: parsePolicy(policy, "resource") },
      },
    );
    expect(admin.effect).toBe("explicitDeny");
  });

  test("nobody but its admin writes what the issuer publishes, or the access file, not even with all rights", () => {
    const can = (policy: string, role: string, action: string, resource: string): boolean => {
      const principal = session(role);
      const context = { ...contextOf(principal), "aws:SecureTransport": "true" };
      const policies = {
        identity: [{ name: "all", policy: parsePolicy(anything, "identity") }],
        resource: { name: "bucket", policy: parsePolicy(policy, "resource") },
      };
      return decide({ principal, action, resource, context }, policies).effect === "allowed";
    };
    for (const [from, name, file, admin] of [
      [graph, "IssuerFiles", "issuer-issuerfiles/jwks.json", "IssuerAdmin"],
      [graph, "Access", "access-access/access.yaml", "IssuerAdmin"],
      [adopting, "Access", "access-access/access.yaml", "AccessAdmin"],
    ] as const) {
      const { policy } = one("aws:s3/bucketPolicy:BucketPolicy", `${name}Policy`, from).inputs;
      const object = `arn:aws:s3:::roletrail-production-${file}`;
      const bucket = object.slice(0, object.indexOf("/"));
      const others = ["IssuerAdmin", "AccessAdmin"].filter((each) => each !== admin);
      const ours = ["web", "mint", "revoke", "read", "ask", "facts"].map((each) => `roletrail-production-${each}`);
      for (const role of [...ours, ...others, "Deploy", "Administrator"])
        for (const [action, resource] of [
          ["s3:PutObject", object],
          ["s3:ReplicateObject", object],
          ["s3:DeleteObject", object],
          ["s3:DeleteObjectVersion", object],
          ["s3:PutBucketVersioning", bucket],
          ["s3:PutLifecycleConfiguration", bucket],
          ["s3:PutBucketPolicy", bucket],
          ["s3:DeleteBucketPolicy", bucket],
        ] as const)
          expect([role, action, can(policy, role, action, resource)]).toEqual([role, action, false]);
      expect(can(policy, admin, "s3:PutObject", object)).toBe(true);
    }
  });

  test("who decides is told one version of the access file and its hash, and may read that; nobody here writes it", () => {
    const written = readFileSync(path.join(root, "test/infra/graph/site/access.yaml"));
    const object = "arn:aws:s3:::roletrail-production-access-access/access.yaml";
    const { inputs } = one("aws:s3/bucketObjectv2:BucketObjectv2", "AccessFile");
    expect([inputs.bucket, inputs.key, inputs.content]).toEqual([
      "roletrail-production-access-access",
      "access.yaml",
      written.toString("utf8"),
    ]);
    expect(one("aws:s3/bucketVersioning:BucketVersioning", "AccessVersions").inputs.versioningConfiguration).toEqual({
      status: "Enabled",
    });
    const holders = (action: string): readonly string[] =>
      roles()
        .filter(({ policies }) => policies.length === 1)
        .filter(({ name, policies }) => may(name, action, object, { identity: policies[0]?.policy ?? "" }))
        .map(({ name }) => name)
        .toSorted();
    const deciding = ["ask", "facts", "mint", "read", "revoke", "status", "vault"];
    expect(holders("s3:GetObjectVersion")).toEqual(deciding);
    for (const action of ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"])
      expect([action, holders(action)]).toEqual([action, []]);
    for (const name of deciding) {
      const own = of("aws:lambda/function:Function").find(
        (each) => each.inputs.name === `roletrail-production-${name}`,
      );
      expect(own?.inputs.environment.variables).toMatchObject({
        ROLETRAIL_ACCESS: "s3://roletrail-production-access-access/access.yaml",
        ROLETRAIL_ACCESS_VERSION: "version-of-AccessFile",
        ROLETRAIL_ACCESS_SHA256: createHash("sha256").update(written).digest("hex"),
      });
    }
  });

  test("the issuer publishes every key under its thumbprint, the discovery document under its own host", async () => {
    const file = (name: string, from: Graph) =>
      JSON.parse(z.string().parse(one("aws:s3/bucketObjectv2:BucketObjectv2", name, from).inputs.content));
    const discovery = file("IssuerDiscovery", graph);
    expect(discovery).toMatchObject({
      issuer: "https://issuer.example.com",
      jwks_uri: "https://issuer.example.com/jwks.json",
      id_token_signing_alg_values_supported: ["ES256"],
    });
    const { keys } = z
      .object({
        keys: z.array(
          z.strictObject({
            kty: z.literal("EC"),
            crv: z.literal("P-256"),
            x: z.string(),
            y: z.string(),
            kid: z.string(),
            use: z.literal("sig"),
            alg: z.literal("ES256"),
          }),
        ),
      })
      .parse(file("IssuerKeySet", adopting));
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(key.kid).toBe(await calculateJwkThumbprint(key));
    const mint = of("aws:lambda/function:Function", adopting).find(({ inputs }) => inputs.name.endsWith("-mint"));
    expect(mint?.inputs.environment.variables.ROLETRAIL_ISSUER_KEY).toMatch(/IssuerKeysecond,.*IssuerKeyfirst$/);
    const signs = statementsOf(policyOf("mint", adopting)).filter(({ Action }) => list(Action).includes("kms:Sign"));
    expect(signs.flatMap(({ Resource }) => list(Resource))).toEqual([
      "arn:aws:kms:eu-central-1:111122223333:key/IssuerKeysecond",
    ]);
  });

  test("the issuer has a host of its own that no allow-list closes", () => {
    const cdn = one("aws:cloudfront/distribution:Distribution", "IssuerDistribution", adopting).inputs;
    expect(cdn.aliases).toEqual(["issuer.example.com"]);
    expect(cdn.webAclId ?? null).toBeNull();
    const app = one("aws:cloudfront/distribution:Distribution", "WebCdnDistribution", adopting).inputs;
    expect(app.aliases).toEqual(["roletrail.example.com"]);
    expect(app.webAclId).toContain("Wall");
  });

  test("the app's function URLs answer CloudFront's signature only, and images are never worked on", () => {
    expect(of("aws:lambda/functionUrl:FunctionUrl").map(({ inputs }) => inputs.authorizationType)).toEqual([
      "AWS_IAM",
      "AWS_IAM",
    ]);
    for (const { inputs } of of("aws:lambda/permission:Permission")) {
      expect(inputs.principal).toBe("cloudfront.amazonaws.com");
      expect(inputs.sourceArn).toMatch(/^arn:aws:cloudfront::111122223333:distribution\//);
    }
    const images = of("aws:lambda/function:Function").find(({ inputs }) => inputs.name.endsWith("-images"));
    expect(images?.inputs.reservedConcurrentExecutions).toBe(0);
  });

  test("web waits as long as the longest of what it asks, and no longer than CloudFront does", () => {
    const seconds = (name: string, from: Graph = graph): number =>
      of("aws:lambda/function:Function", from).find(({ inputs }) => inputs.name === `roletrail-production-${name}`)
        ?.inputs.timeout;
    for (const name of invoked) expect([name, seconds(name)]).toEqual([name, expect.any(Number)]);
    for (const from of [graph, privately]) {
      expect(seconds("web", from)).toBe(Math.max(...invoked.map((name) => seconds(name, from))));
      expect(seconds("web", from)).toBeLessThanOrEqual(60);
    }
    expect(seconds("ask")).toBeGreaterThan(sqlSeconds);
  });

  test("no function but web holds a secret in its environment, and web holds the cookie's key alone", () => {
    for (const { inputs } of of("aws:lambda/function:Function")) {
      const variables = z.record(z.string(), z.string()).parse(inputs.environment?.variables ?? {});
      const holding = Object.keys(variables).filter((name) => variables[name] === "the-cookie-key");
      const isWeb = inputs.name === "roletrail-production-web";
      expect(holding.sort()).toEqual(isWeb ? ["NEXTAUTH_SECRET", "ROLETRAIL_COOKIE_SECRET"] : []);
    }
  });

  test("with an allow-list, the firewall blocks everybody else before the app", () => {
    const rules = (from: Graph) => one("aws:wafv2/webAcl:WebAcl", "Wall", from).inputs;
    expect(Object.keys(rules(graph).defaultAction)).toEqual(["allow"]);
    expect(Object.keys(rules(adopting).defaultAction)).toEqual(["block"]);
    expect(one("aws:wafv2/ipSet:IpSet", "AllowedIps", adopting).inputs.addresses).toEqual([
      "203.0.113.0/24",
      "198.51.100.7/32",
    ]);
    expect(of("aws:wafv2/ipSet:IpSet")).toEqual([]);
  });

  test("in a private network the app has no public address: an internal balancer, the team's addresses, HTTPS, nothing else", () => {
    for (const type of ["aws:lambda/functionUrl:FunctionUrl", "aws:wafv2/webAcl:WebAcl"])
      expect(of(type, privately)).toEqual([]);
    // The issuer's stays: STS reads it.
    const cdns = of("aws:cloudfront/distribution:Distribution", privately).map(({ inputs }) => inputs.aliases);
    expect(cdns).toEqual([["issuer.example.com"]]);
    expect(one("aws:lb/loadBalancer:LoadBalancer", "WebBalancer", privately).inputs).toMatchObject({
      internal: true,
      subnets: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
      dropInvalidHeaderFields: true,
      enableDeletionProtection: true,
    });
    const { inputs: guard } = one("aws:ec2/securityGroup:SecurityGroup", "WebGuard", privately);
    expect(guard.vpcId).toBe("vpc-0123456789abcdef0");
    expect(guard.egress).toEqual([]);
    expect(guard.ingress).toEqual([
      { description: "the team", protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["10.20.0.0/16"] },
    ]);
    const listeners = of("aws:lb/listener:Listener", privately).map(({ inputs }) => inputs);
    expect(listeners.map(({ port, protocol, sslPolicy }) => [port, protocol, sslPolicy])).toEqual([
      [443, "HTTPS", "ELBSecurityPolicy-TLS13-1-2-2021-06"],
    ]);
    const target = one("aws:lb/targetGroup:TargetGroup", "WebTarget", privately).inputs;
    expect(target).toMatchObject({ targetType: "lambda", lambdaMultiValueHeadersEnabled: true });
    const allowed = of("aws:lambda/permission:Permission", privately).map(({ inputs }) => inputs);
    expect(allowed.map(({ principal, sourceArn }) => [principal, sourceArn])).toEqual([
      [
        "elasticloadbalancing.amazonaws.com",
        "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/roletrail-production-web/0123456789abcdef",
      ],
    ]);
    const records = of("aws:route53/record:Record", privately).filter(
      ({ inputs }) => inputs.name === "roletrail.example.com",
    );
    expect(new Set(records.map(({ inputs }) => inputs.aliases[0].name))).toEqual(
      new Set(["internal-webbalancer.eu-central-1.elb.amazonaws.com"]),
    );
  });

  test("in a private network web holds the same: its policy word for word, the cookie's key alone, and nobody else may be it", () => {
    const written = readFileSync(path.join(root, "test/infra/web-policy.json"), "utf8");
    expect(JSON.parse(policyOf("web", privately))).toEqual(JSON.parse(written));
    const of_web = (from: Graph) => {
      const web = of("aws:lambda/function:Function", from).find(
        ({ inputs }) => inputs.name === "roletrail-production-web",
      );
      const variables = z.record(z.string(), z.string()).parse(web?.inputs.environment.variables);
      return Object.fromEntries(Object.entries(variables).filter(([name]) => /^(ROLETRAIL|NEXTAUTH)_/.test(name)));
    };
    expect(of_web(privately)).toEqual(of_web(graph));
    const own = roles(privately).find(({ name }) => name === "web");
    expect(statementsOf(own?.trust ?? "").map(({ Principal }) => Principal)).toEqual([
      { Service: "lambda.amazonaws.com" },
    ]);
    expect(own?.managed).toEqual([]);
    expect(roles(privately).map(({ name }) => name)).not.toContain("images");
  });

  test("both tables have the store's own keys, point-in-time recovery and protection; only state ends rows", () => {
    for (const name of ["State", "Ledger"]) {
      const { inputs } = one("aws:dynamodb/table:Table", `${name}Table`);
      expect([inputs.hashKey, inputs.rangeKey]).toEqual([tableShape.hashKey, tableShape.rangeKey]);
      expect(inputs.pointInTimeRecovery).toEqual({ enabled: true });
      expect(inputs.deletionProtectionEnabled).toBe(true);
      expect(inputs.ttl ?? null).toEqual(name === "State" ? { attributeName: tableShape.ttl, enabled: true } : null);
    }
  });

  test("each function writes its own rows and its own chain of the ledger, and nobody deletes or updates there", () => {
    const ledger = `arn:aws:dynamodb:eu-central-1:111122223333:table/${tableNamed("Ledger")}`;
    const state = `arn:aws:dynamodb:eu-central-1:111122223333:table/${tableNamed("State")}`;
    const writes = (role: string, action: string, table: string, key: string): boolean =>
      may(role, action, table, { context: { "dynamodb:LeadingKeys": key } });
    expect(writes("mint", "dynamodb:PutItem", ledger, "ledger#mint-1")).toBe(true);
    expect(writes("mint", "dynamodb:PutItem", ledger, "ledger#revoke-1")).toBe(false);
    expect(writes("ask", "dynamodb:PutItem", ledger, "ledger#mint-1")).toBe(false);
    expect(writes("revoke", "dynamodb:UpdateItem", state, "freeze")).toBe(true);
    expect(writes("mint", "dynamodb:UpdateItem", state, "freeze")).toBe(false);
    expect(writes("read", "dynamodb:UpdateItem", state, "looked#p_aaaaaaaaaaaaaaaa")).toBe(true);
    expect(writes("read", "dynamodb:UpdateItem", state, "vault")).toBe(false);
    expect(may("mint", "dynamodb:PutItem", ledger)).toBe(false);
    for (const { name, policies } of roles().filter((role) => role.policies.length === 1))
      for (const action of ["dynamodb:DeleteItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem", "dynamodb:Scan"]) {
        const key = { "dynamodb:LeadingKeys": `ledger#${name}-1` };
        expect([
          name,
          action,
          may(name, action, ledger, { identity: policies[0]?.policy ?? "", context: key }),
        ]).toEqual([name, action, false]);
      }
  });

  test("the raw table projects its partitions over the organisation's layout, with sourceIdentity", () => {
    const { inputs } = one("aws:glue/catalogTable:CatalogTable", "RawTable");
    expect(inputs.parameters).toMatchObject({
      "projection.enabled": "true",
      "projection.account.type": "injected",
      "projection.region.type": "injected",
      "projection.day.type": "date",
      "projection.day.format": "yyyy/MM/dd",
      "projection.day.range": "2024/01/01,NOW",
      "storage.location.template": `s3://roletrail-production-trail-traillogs/AWSLogs/o-exampleorg1/${partition("account")}/CloudTrail/${partition("region")}/${partition("day")}`,
    });
    expect(inputs.partitionKeys.map(({ name }: { name: string }) => name)).toEqual(["account", "region", "day"]);
    const columns: readonly { name: string; type: string }[] = inputs.storageDescriptor.columns;
    expect(columns.find(({ name }) => name === "useridentity")?.type).toContain("sourceidentity:string");
    // The same table as the contract command makes it by DDL: written twice, because infra shares no code.
    expect(columns.map(({ name, type }) => [name, type])).toEqual(Object.entries(rawColumns));
    expect(inputs.storageDescriptor.inputFormat).toBe("com.amazon.emr.cloudtrail.CloudTrailInputFormat");
  });

  test("every workgroup cuts off, keeps its own answers, and lets no query choose otherwise", () => {
    const groups = of("aws:athena/workgroup:Workgroup").map(({ inputs }) => inputs);
    expect(groups.map(({ name }) => name).sort()).toEqual(
      ["adhoc", "pages", "refresh"].map((name) => `roletrail-production-${name}`),
    );
    for (const { name, configuration, description } of groups) {
      expect(configuration.enforceWorkgroupConfiguration).toBe(true);
      expect(configuration.bytesScannedCutoffPerQuery).toBeGreaterThanOrEqual(10_000_000);
      expect(configuration.engineVersion.selectedEngineVersion).toBe("Athena engine version 3");
      expect(description).toMatch(/at most \$\d/);
      expect(configuration.resultConfiguration.outputLocation).toContain(`/${name.split("-").at(-1)}/`);
    }
  });

  test("facts runs every five minutes and alone, sweep every minute, each started by a role for that only", () => {
    const schedules = of("aws:scheduler/schedule:Schedule").map(({ inputs }) => [
      inputs.name,
      inputs.scheduleExpression,
      inputs.target.arn.split(":").at(-1),
    ]);
    expect(schedules.sort()).toEqual([
      ["roletrail-production-anchor", "rate(1 minute)", "roletrail-production-anchor"],
      ["roletrail-production-facts", "rate(5 minutes)", "roletrail-production-facts"],
      ["roletrail-production-notify", "rate(1 minute)", "roletrail-production-notify"],
      ["roletrail-production-sweep", "rate(1 minute)", "roletrail-production-sweep"],
    ]);
    for (const { name, target } of of("aws:scheduler/schedule:Schedule").map(({ inputs }) => inputs)) {
      expect(target.roleArn).toBe(`arn:aws:iam::111122223333:role/${name}-schedule`);
      const may = statementsOf(policyOf(`${name.replace("roletrail-production-", "")}-schedule`));
      expect(may.map(({ Action, Resource }) => [Action, Resource])).toEqual([
        [["lambda:InvokeFunction"], [target.arn]],
      ]);
    }
    const facts = of("aws:lambda/function:Function").find(({ inputs }) => inputs.name.endsWith("-facts"));
    expect(facts?.inputs.reservedConcurrentExecutions).toBe(1);
  });

  test("where no organisation trail is, one is made: every Region, validated, its logs locked for a year", () => {
    expect(one("aws:cloudtrail/trail:Trail", "Trail").inputs).toMatchObject({
      isOrganizationTrail: true,
      isMultiRegionTrail: true,
      enableLogFileValidation: true,
      includeGlobalServiceEvents: true,
      enableLogging: true,
    });
    expect(
      one("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", "TrailLogsLock").inputs.rule,
    ).toEqual({ defaultRetention: { mode: "COMPLIANCE", days: 365 } });
  });

  test("an organisation trail that is there is adopted: nothing of it is made or changed", () => {
    expect(of("aws:cloudtrail/trail:Trail", adopting)).toEqual([]);
    const touched = adopting.resources.filter(
      ({ type, inputs }) => type.startsWith("aws:s3/") && JSON.stringify(inputs.bucket ?? "").includes("company-logs"),
    );
    expect(touched).toEqual([]);
    const raw = one("aws:glue/catalogTable:CatalogTable", "RawTable", adopting).inputs;
    expect(raw.parameters["storage.location.template"]).toBe(
      `s3://company-logs/audit/AWSLogs/o-exampleorg1/${partition("account")}/CloudTrail/${partition("region")}/${partition("day")}`,
    );
    const logs = statementsOf(policyOf("facts", adopting)).filter(({ Resource }) =>
      list(Resource).some((each) => each.includes("company-logs")),
    );
    expect(logs.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [["s3:GetObject"], ["arn:aws:s3:::company-logs/audit/AWSLogs/o-exampleorg1/*"]],
      [["s3:GetBucketLocation", "s3:ListBucket"], ["arn:aws:s3:::company-logs"]],
    ]);
  });

  test("anchors cannot be changed for seven years nor put twice under one name", () => {
    expect(
      one("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", "AnchorsLock").inputs.rule,
    ).toEqual({
      defaultRetention: { mode: "COMPLIANCE", years: 7 },
    });
    const policy = one("aws:s3/bucketPolicy:BucketPolicy", "AnchorsPolicy").inputs.policy;
    const arn = "arn:aws:s3:::roletrail-production-anchors-anchors/heads/1";
    const put = (role: string, context: Record<string, string>): boolean =>
      may(role, "s3:PutObject", arn, { identity: anything, resource: policy, context });
    expect(put("anchor", {})).toBe(false);
    expect(put("anchor", { "s3:if-none-match": "*" })).toBe(true);
    for (const role of ["mint", "reconcile", "sweep"]) expect(put(role, { "s3:if-none-match": "*" })).toBe(false);
  });

  test("the anchor function signs and puts anchors and cannot write the ledger; reconcile writes its own chain, and nobody starts it", () => {
    const ledger = `arn:aws:dynamodb:eu-central-1:111122223333:table/${tableNamed("Ledger")}`;
    const heads = "arn:aws:s3:::roletrail-production-anchors-anchors/heads/1";
    const key = "arn:aws:kms:eu-central-1:111122223333:key/AnchorKey";
    const holders = (action: string, resource: string, context: Record<string, string> = {}): readonly string[] =>
      roles()
        .filter(({ policies }) => policies.length === 1)
        .filter(({ name, policies }) => may(name, action, resource, { identity: policies[0]?.policy ?? "", context }))
        .map(({ name }) => name);
    expect(holders("s3:PutObject", heads)).toEqual(["anchor"]);
    expect(holders("kms:Sign", key)).toEqual(["anchor"]);
    expect(holders("s3:GetObject", heads).toSorted()).toEqual(["anchor", "mint", "read", "reconcile"]);
    for (const of of ["s3:DeleteObject", "s3:PutObjectRetention", "s3:BypassGovernanceRetention"])
      expect(holders(of, heads)).toEqual([]);
    const own = { "dynamodb:LeadingKeys": "ledger#reconcile-1" };
    expect(holders("dynamodb:PutItem", ledger, own)).toEqual(["reconcile"]);
    for (const shard of ["ledger#mint-1", "ledger#anchor-1", "ledger"])
      expect(may("anchor", "dynamodb:PutItem", ledger, { context: { "dynamodb:LeadingKeys": shard } })).toBe(false);
    const policy = one("aws:kms/key:Key", "AnchorKey").inputs.policy;
    for (const [role, signs] of [
      ["anchor", true],
      ["mint", false],
      ["reconcile", false],
    ] as const)
      expect([role, may(role, "kms:Sign", key, { identity: anything, resource: policy })]).toEqual([role, signs]);
    expect(
      holders(
        "lambda:InvokeFunction",
        "arn:aws:lambda:eu-central-1:111122223333:function:roletrail-production-reconcile",
      ),
    ).toEqual([]);
    const told = of("aws:lambda/function:Function").find(({ inputs }) => inputs.name.endsWith("-mint"))?.inputs;
    expect(told.environment.variables.ROLETRAIL_ANCHORS).toBe("s3://roletrail-production-anchors-anchors/heads/");
  });

  test("anchors may be another account's to keep: then nothing of theirs is made or changed here", () => {
    expect(of("aws:s3/bucket:Bucket", adopting).map(({ name }) => name)).not.toContain("Anchors");
    const put = statementsOf(policyOf("anchor", adopting)).filter(({ Action }) =>
      list(Action).includes("s3:PutObject"),
    );
    expect(put.flatMap(({ Resource }) => list(Resource))).toEqual(["arn:aws:s3:::company-anchors/roletrail/*"]);
  });

  test("no bucket is open, every bucket refuses plain HTTP", () => {
    const shut = of("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock");
    for (const { inputs } of shut)
      expect(inputs).toMatchObject({
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      });
    const buckets = of("aws:s3/bucket:Bucket").length;
    expect(shut).toHaveLength(buckets);
    const policies = of("aws:s3/bucketPolicy:BucketPolicy").map(({ inputs }) => String(inputs.policy));
    expect(policies).toHaveLength(buckets);
    for (const policy of policies) expect(policy).toContain("aws:SecureTransport");
    for (const policy of policies) expect(statementsOf(policy).filter(opensToAll)).toEqual([]);
  });

  /** As Glue writes a partition's value in a template. */
  const partition = (name: string): string => `$${"{"}${name}}`;
  const opensToAll = ({ Effect, Principal }: { Effect: string; Principal?: unknown }): boolean =>
    Effect === "Allow" && JSON.stringify(Principal).includes("*");

  test("every function's faults, the budget and the standing still of facts reach somebody", () => {
    const alarms = of("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => inputs);
    for (const name of [...invoked, ...inward])
      expect(alarms.map(({ name: of }) => of)).toContain(`roletrail-production-${name}-errors`);
    for (const { alarmActions } of alarms)
      expect(alarmActions).toEqual(["arn:aws:sns:eu-central-1:111122223333:roletrail-production-notices"]);
    expect(one("aws:budgets/budget:Budget", "Budget").inputs).toMatchObject({
      limitAmount: "300",
      timeUnit: "MONTHLY",
    });
    const telling = roles()
      .filter(({ policies }) => policies.length === 1)
      .filter(({ name, policies }) =>
        may(name, "sns:Publish", "arn:aws:sns:eu-central-1:111122223333:roletrail-production-notices", {
          identity: policies[0]?.policy ?? "",
        }),
      );
    expect(telling.map(({ name }) => name)).toEqual(["notify"]);
    expect(one("aws:sns/topicSubscription:TopicSubscription", "NoticesByMail").inputs.endpoint).toBe(
      "platform@example.com",
    );
  });

  test("a Lambda stands for each function of the invoke table, and each handler bundles", () => {
    const names = of("aws:lambda/function:Function").map(({ inputs }) => String(inputs.name));
    for (const name of invoked) expect(names).toContain(`roletrail-production-${name}`);
    const handlers = [...invoked, ...inward].map((name) => `functions/lambda/${name}.handler`);
    expect(graph.bundled).toEqual(handlers.sort());
  });

  test("each function is told settings that core/config knows and takes", () => {
    for (const { inputs } of of("aws:lambda/function:Function")) {
      const variables = z.record(z.string(), z.string()).parse(inputs.environment?.variables ?? {});
      const ours = Object.fromEntries(Object.entries(variables).filter(([name]) => name.startsWith("ROLETRAIL_")));
      const unknown = Object.keys(ours).filter((name) => !Object.hasOwn(settings.shape, name));
      expect([inputs.name, unknown]).toEqual([inputs.name, []]);
      expect([inputs.name, settings.safeParse(ours).error?.message]).toEqual([inputs.name, undefined]);
    }
  });

  test("a handler that does not bundle fails the deployment", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "roletrail-handler-"));
    try {
      writeFileSync(path.join(folder, "bad.ts"), `import { x } from "./nowhere.ts";\nexport const handler = x;\n`);
      await expect(bundleHandler(path.join(folder, "bad.ts"), path.join(folder, "out.mjs"))).rejects.toThrow("nowhere");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
