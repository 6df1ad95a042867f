import { readFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { AthenaClient, StartQueryExecutionCommand } from "@aws-sdk/client-athena";
import { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { KMSClient, SignCommand } from "@aws-sdk/client-kms";
import {
  InvokeCommand,
  LambdaClient,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { generateKeyPair, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { evaluate } from "#/core/iam/evaluate.ts";
import { parsePolicy } from "#/core/iam/policy.ts";
import { contextOf, type RoleSession } from "#/core/iam/request.ts";
import type { Credentials, FunctionName } from "#/core/invoke.ts";
import { alterVersion, putAccess } from "../functions/access-bucket.ts";
import type { AwsServices } from "../functions/aws-services.ts";
import { type Deployed, deploy } from "../functions/deployed.ts";
import { type Northwharf, type SignedIn, signinIssuer } from "../functions/northwharf.ts";
import { type BuiltHandlers, buildHandlers } from "./graph/evaluate.ts";

/**
 * The web tier under somebody's hand: it runs any code, holds web's role and the tickets of who visits. Every call its SDK
 * makes is judged by core/iam under web's policy (graph.test.ts holds that file to the deployment); what is allowed reaches
 * the functions as they are deployed, each bundled to one file.
 */
const region = "eu-central-1";
const account = "111122223333";
const webPolicy = {
  name: "web",
  policy: parsePolicy(readFileSync(path.join(import.meta.dirname, "web-policy.json"), "utf8"), "identity"),
};
const web: RoleSession = {
  type: "AssumedRole",
  account,
  arn: `arn:aws:sts::${account}:assumed-role/roletrail-production-web/roletrail-production-web`,
  roleArn: `arn:aws:iam::${account}:role/roletrail-production-web`,
  id: "AROAEXAMPLE:roletrail-production-web",
};
const analyst = "arn:aws:iam::111122223333:role/DataAnalyst";
const wanted = { role: analyst, seconds: 900, reason: "x" };

const names = ["status", "vault", "read", "ask", "mint", "revoke"] as const;
let built: BuiltHandlers<(typeof names)[number]>;
let it: Northwharf;
let services: AwsServices;
let stage: Deployed;
let mara: SignedIn;
let ilse: SignedIn;
let judged: string[] = [];

const guard = http.createServer((request, response) => {
  void (async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { action, resource } = askedOf(request, body.toString("utf8"));
    const { effect } = evaluate(
      { principal: web, action, resource, context: contextOf(web) },
      { identity: [webPolicy] },
    );
    judged.push(`${action} ${effect}`);
    if (effect !== "allowed") return denied(response, action);
    const forwarded = await fetch(`${services.url}${request.url}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const error = forwarded.headers.get("x-amz-function-error");
    response.writeHead(forwarded.status, error === null ? {} : { "x-amz-function-error": error });
    response.end(await forwarded.text());
  })();
});

function denied(response: http.ServerResponse, action: string): void {
  response.writeHead(403, { "x-amzn-errortype": "AccessDeniedException", "content-type": "application/json" });
  response.end(JSON.stringify({ __type: "AccessDeniedException", message: `not authorized to perform: ${action}` }));
}

/** Action and resource of a signed call, as AWS takes them from it. */
function askedOf(request: http.IncomingMessage, body: string): { action: string; resource: string } {
  const service = /Credential=[^/]+\/\d+\/[^/]+\/([a-z0-9]+)\//.exec(String(request.headers.authorization))?.[1] ?? "";
  const url = new URL(request.url ?? "/", "http://x");
  const target = String(request.headers["x-amz-target"] ?? "")
    .split(".")
    .at(-1);
  if (service === "lambda") {
    const [, name, what] = /functions\/([^/]+)\/(\w+)/.exec(decodeURIComponent(url.pathname)) ?? [];
    const action = {
      invocations: "InvokeFunction",
      code: "UpdateFunctionCode",
      configuration: "UpdateFunctionConfiguration",
    };
    return {
      action: `lambda:${Object.entries(action).find(([path]) => path === what)?.[1]}`,
      resource: `arn:aws:lambda:${region}:${account}:function:${name}`,
    };
  }
  if (service === "s3") return { action: "s3:PutObject", resource: `arn:aws:s3:::${url.pathname.slice(1)}` };
  if (target) return { action: `${service}:${target}`, resource: resourceOf(service, body) };
  const query = new URLSearchParams(body);
  return { action: `${service}:${query.get("Action")}`, resource: query.get("RoleArn") ?? "*" };
}

function resourceOf(service: string, body: string): string {
  const given: Record<string, string> = JSON.parse(body);
  if (service === "dynamodb") return `arn:aws:dynamodb:${region}:${account}:table/${given["TableName"]}`;
  return given["KeyId"] ?? given["SecretId"] ?? "*";
}

const client = () => ({
  region,
  endpoint: `http://127.0.0.1:${(guard.address() as AddressInfo).port}`,
  maxAttempts: 1,
  credentials: { accessKeyId: "ASIAWEB", secretAccessKey: "web", sessionToken: "web" },
});

/** As the taken-over web would call a function: Lambda's own client, whatever envelope it likes. */
async function call(
  name: FunctionName | "facts" | "sweep" | `${FunctionName}:${string}`,
  input: unknown,
  who: Credentials = {},
) {
  const { Payload } = await new LambdaClient(client()).send(
    new InvokeCommand({ FunctionName: `roletrail-production-${name}`, Payload: JSON.stringify({ input, ...who }) }),
  );
  return JSON.parse(new TextDecoder().decode(Payload)) as { status: number; body: Record<string, unknown> };
}
const codeOf = async (work: Promise<{ status: number; body: Record<string, unknown> }>) => (await work).body["code"];

beforeAll(async () => {
  await new Promise<void>((resolve) => guard.listen(0, "127.0.0.1", resolve));
  built = await buildHandlers(names);
  stage = await deploy("roletrail-production-", built.newInstances(), async (input) => {
    const { status: answered, body } = await call("vault", input);
    if (answered !== 200) throw new Error(String(body["code"]));
    return body;
  });
  ({ it, services } = stage);
  mara = await it.signIn("Mara Oyelaran");
  ilse = await it.signIn("Ilse Brandt");
});
afterAll(async () => {
  built.remove();
  await stage.close();
  guard.closeAllConnections();
  guard.close();
});

describe("a web tier under somebody's hand", () => {
  test("hands on what a visitor proves, once: the same way is open to the honest", async () => {
    const proof = await mara.deed("mint", wanted);
    const made = await call("mint", wanted, proof);
    expect([made.status, made.body["role"]]).toEqual([200, analyst]);
    expect(await codeOf(call("mint", wanted, proof))).toBe("proof.spent");
  });

  test("mints nothing with the ticket of who visits: no proof, another request's, another person's", async () => {
    const { ticket } = mara;
    expect(await codeOf(call("mint", wanted))).toBe("signin.required");
    expect(await codeOf(call("mint", wanted, { ticket }))).toBe("proof.missing");
    const proof = await mara.deed("mint", wanted);
    expect(await codeOf(call("mint", { ...wanted, seconds: 43_200 }, proof))).toBe("proof.request");
    expect(await codeOf(call("mint", wanted, { ...proof, ticket: ilse.ticket }))).toBe("proof.nonce");
    expect(await codeOf(call("revoke", { role: analyst, reason: "x" }, proof))).toBe("proof.request");
  });

  test("mints nothing later: with a proof kept too long, or when the visitor's token has ended", async () => {
    const kept = await mara.deed("mint", wanted, new Date(Date.now() - 130_000));
    expect(await codeOf(call("mint", wanted, kept))).toBe("proof.stale");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 2 * 3_600_000 });
    try {
      expect(await codeOf(call("mint", wanted, await mara.deed("mint", wanted, new Date())))).toBe("proof.stale");
    } finally {
      vi.useRealTimers();
    }
  });

  test("adds no group to a visitor: a token written over is not the provider's any more", async () => {
    let visitor: { id_token: string } | undefined;
    const put = it.signIn("Teo Park", {}, async (input) => {
      visitor = input;
      throw new Error("kept back");
    });
    await expect(put).rejects.toThrow("kept back");
    const [head, body = "", signature] = visitor?.id_token.split(".") ?? [];
    const claims = JSON.parse(Buffer.from(body, "base64url").toString("utf8"));
    const added = Buffer.from(JSON.stringify({ ...claims, groups: [...claims.groups, "security"] }));
    const id_token = `${head}.${added.toString("base64url")}.${signature}`;
    expect(await codeOf(call("vault", { ...visitor, id_token }))).toBe("proof.token");
    expect((await call("vault", visitor)).status).toBe(200);
  });

  test("signs nobody in: an ended sign-in, a token of its own with an added group", async () => {
    const at = Math.floor(Date.now() / 1000);
    await expect(it.signIn("Mara Oyelaran", { auth_time: at - 9 * 3600 })).rejects.toThrow("signin.expired");
    const { privateKey } = await generateKeyPair("RS256");
    const own = await new SignJWT({ groups: ["data", "security"], nonce: "n", auth_time: at, azp: "roletrail" })
      .setProtectedHeader({ alg: "RS256", kid: "one" })
      .setIssuer(signinIssuer)
      .setSubject("mara")
      .setAudience("roletrail")
      .setIssuedAt(at)
      .setExpirationTime(at + 600)
      .sign(privateKey);
    const put = { action: "put", id_token: own, jkt: "A".repeat(43), n: "n".repeat(43), renews: null };
    expect(await codeOf(call("vault", put))).toBe("proof.token");
  });

  test("cannot ask what is not web's, forge a row, swap the access file or the key set, sign, or become anybody", async () => {
    judged = [];
    const table = (name: string): string => `roletrail-production-${name}Table`;
    const row = { partition: { S: "ledger#mint-1" }, sort: { S: "000000000001" } };
    const query = { QueryString: "select 1", WorkGroup: "roletrail-production-adhoc" };
    const attempts: readonly (() => Promise<unknown>)[] = [
      () => call("facts", {}),
      () => call("sweep", {}),
      ...(["ask:read", "ask:notify", "ask:sweep", "revoke:sweep", "ask:$LATEST", "mint:1"] as const).map(
        (door) => () => call(door, {}),
      ),
      () => new DynamoDBClient(client()).send(new PutItemCommand({ TableName: table("Ledger"), Item: row })),
      () => new DynamoDBClient(client()).send(new UpdateItemCommand({ TableName: table("State"), Key: row })),
      () => new DynamoDBClient(client()).send(new GetItemCommand({ TableName: table("State"), Key: row })),
      () =>
        new LambdaClient(client()).send(
          new UpdateFunctionCodeCommand({ FunctionName: "roletrail-production-mint", ZipFile: new Uint8Array(1) }),
        ),
      () =>
        new LambdaClient(client()).send(
          new UpdateFunctionConfigurationCommand({
            FunctionName: "roletrail-production-mint",
            Environment: { Variables: { ROLETRAIL_ACCESS: "s3://roletrail-production-mine/access.yaml" } },
          }),
        ),
      () =>
        new S3Client({ ...client(), forcePathStyle: true }).send(
          new PutObjectCommand({ Bucket: "roletrail-production-access", Key: "access.yaml", Body: "version: 1" }),
        ),
      () =>
        new S3Client({ ...client(), forcePathStyle: true }).send(
          new PutObjectCommand({ Bucket: "roletrail-production-issuer", Key: "jwks.json", Body: "{}" }),
        ),
      () =>
        new KMSClient(client()).send(
          new SignCommand({
            KeyId: "arn:aws:kms:eu-central-1:111122223333:key/IssuerKeyfirst",
            Message: new Uint8Array(32),
            MessageType: "DIGEST",
            SigningAlgorithm: "ECDSA_SHA_256",
          }),
        ),
      () => new SecretsManagerClient(client()).send(new GetSecretValueCommand({ SecretId: services.secretArn })),
      () => new AthenaClient(client()).send(new StartQueryExecutionCommand(query)),
      ...["RoletrailRevoker", "RoletrailBroker", "RoletrailReader", "DataAnalyst"].map(
        (name) => () =>
          new STSClient(client()).send(
            new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/${name}`, RoleSessionName: "web" }),
          ),
      ),
      () =>
        new IAMClient(client()).send(
          new PutRolePolicyCommand({ RoleName: "roletrail-production-web", PolicyName: "more", PolicyDocument: "{}" }),
        ),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toThrow();
    expect(judged).toHaveLength(attempts.length);
    expect(judged.filter((each) => !each.endsWith(" implicitDeny"))).toEqual([]);
    expect(new Set(judged.map((each) => each.split(":")[0]))).toEqual(
      new Set(["lambda", "dynamodb", "s3", "kms", "secretsmanager", "athena", "sts", "iam"]),
    );
  });
});

/**
 * Web cannot write the access file (above, and graph.test.ts). Here somebody could: its admin's key is in their hand, or S3
 * itself. New instances of the functions, as Lambda starts them at any time, are what would read it.
 */
describe("an access file swapped by who could", () => {
  const pinned = {
    ROLETRAIL_ACCESS: "",
    ROLETRAIL_ACCESS_VERSION: "",
    ROLETRAIL_ACCESS_SHA256: "",
  };
  let honest = "";
  /** Everybody of data may end sessions in it. */
  let theirs = "";

  beforeAll(() => {
    for (const name of Object.keys(pinned) as (keyof typeof pinned)[]) pinned[name] = process.env[name] ?? "";
    honest = readFileSync(it.world.places.access, "utf8");
    theirs = honest.replace(/^powers:\n/m, 'powers:\n  - { groups: [data], may: [revoke], accounts: "*" }\n');
    expect(theirs).not.toBe(honest);
  });
  afterEach(() => void Object.assign(process.env, pinned));

  const ending = { role: analyst, reason: "x" };
  const revokes = async ({ revoke } = built.newInstances()) =>
    Object(Object(await revoke({ input: ending, ...(await mara.deed("revoke", ending)) })).body);

  test("a newer version is not looked at: what was deployed decides, and what comes with the next deployment then", async () => {
    const newer = await putAccess(theirs);
    expect(newer["ROLETRAIL_ACCESS_VERSION"]).not.toBe(pinned.ROLETRAIL_ACCESS_VERSION);
    expect(await revokes()).toMatchObject({ code: "role.unknown" });
    // The same text, deployed: it is the version that was not read, and no other reason.
    Object.assign(process.env, newer);
    expect(await revokes()).toMatchObject({ role: analyst, failure: null });
  });

  test("another body under the deployed version is refused by every function that would decide from it", async () => {
    const ticket = { ticket: mara.ticket };
    alterVersion(it.world.places.world, pinned.ROLETRAIL_ACCESS_VERSION, theirs);
    const fresh = built.newInstances();
    const answers = await Promise.all([
      fresh.mint({ input: wanted, ...(await mara.deed("mint", wanted)) }),
      fresh.revoke({ input: ending, ...(await mara.deed("revoke", ending)) }),
      fresh.read({ input: { view: "me" }, ...ticket }),
      fresh.ask({ input: { sql: "select 1" }, ...ticket }),
      fresh.vault({ input: { action: "open" }, ...ticket }),
      fresh.status({ input: {} }),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ status: 503, body: { code: "access.swapped" } });
    // Put right, the same instance goes on: it had kept nothing of it.
    alterVersion(it.world.places.world, pinned.ROLETRAIL_ACCESS_VERSION, honest);
    expect(await fresh.read({ input: { view: "me" }, ...ticket })).toMatchObject({ status: 200 });
    expect(await revokes(fresh)).toMatchObject({ code: "role.unknown" });
  });

  test("a version that is nobody's, another bucket's object, no version at all: refused, never another file instead", async () => {
    const refusals: readonly (readonly [Partial<typeof pinned>, string])[] = [
      [{ ROLETRAIL_ACCESS_VERSION: "A".repeat(32) }, "access.unread"],
      [{ ROLETRAIL_ACCESS: "s3://roletrail-test-nowhere/access.yaml" }, "access.unread"],
      [{ ROLETRAIL_ACCESS_SHA256: "0".repeat(64) }, "access.swapped"],
      [{ ROLETRAIL_ACCESS_VERSION: "" }, "config.invalid"],
      [{ ROLETRAIL_ACCESS_SHA256: "" }, "config.invalid"],
      [{ ROLETRAIL_ACCESS: it.world.places.access }, "config.invalid"],
    ];
    for (const [change, code] of refusals) {
      Object.assign(process.env, pinned, change);
      expect([change, await revokes()]).toMatchObject([change, { code }]);
    }
  });
});
