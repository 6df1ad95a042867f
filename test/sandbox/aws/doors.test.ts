import http from "node:http";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, GetFederationTokenCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assume, keysOf, refusal, roleArn, type SessionKey, stsOf } from "../clients.ts";
import { accountIds, allow, policy, type Started, startSandbox } from "../start.ts";

const { main } = accountIds;
const clock = { now: new Date() };
let sandbox: Started;
beforeAll(async () => {
  sandbox = await startSandbox({ now: () => clock.now });
});
afterAll(() => sandbox.close());

/** `fetch` sets Host and Origin itself; a browser under somebody's hand does not. */
function send(
  path: string,
  headers: Record<string, string>,
  method = "GET",
  body = "",
): Promise<{ status: number; body: string; headers: http.IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const request = http.request(`${sandbox.url}${path}`, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString(),
          headers: response.headers,
        }),
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}

describe("the port", () => {
  test.each([
    ["a rebound name", { host: "evil.example" }],
    ["our name on another port", { host: "127.0.0.1:1" }],
    ["another site's form", { origin: "https://evil.example" }],
    ["a sandboxed frame", { origin: "null" }],
    ["the app's own origin", { origin: "http://localhost:3000" }],
    ["another site's picture", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }],
  ])("refuses %s, whatever the path", async (_, headers) => {
    for (const path of ["/", "/main-data/x", "/federation?Action=login"])
      expect((await send(path, headers, "POST", "Action=GetCallerIdentity")).status).toBe(403);
  });

  test("says what a request without a signature lacks, in each service's own words", async () => {
    const query = await send(
      "/",
      { "content-type": "application/x-www-form-urlencoded" },
      "POST",
      "Action=GetCallerIdentity",
    );
    expect([query.status, query.body]).toEqual([
      403,
      expect.stringContaining("<Code>MissingAuthenticationToken</Code>"),
    ]);
    const json = await send("/", { "x-amz-target": "CloudTrail_20131101.DescribeTrails" }, "POST", "{}");
    expect(JSON.parse(json.body)).toMatchObject({ __type: "MissingAuthenticationTokenException" });
    const s3 = await send("/main-data/x", {});
    expect([s3.status, s3.body]).toEqual([403, expect.stringContaining("<Code>AccessDenied</Code>")]);
  });

  test("a service that is not simulated says so in the form its caller reads, and S3 what is wrong with a token", async () => {
    const authorization = (service: string): string =>
      `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/eu-central-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    const form = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
    const ec2 = await send(
      "/",
      { ...form, authorization: authorization("ec2"), "x-amz-date": "20261121T000000Z" },
      "POST",
      "Action=DescribeInstances",
    );
    expect(ec2.body).toMatch(/^<ErrorResponse .*<Code>\w+<\/Code>/);
    const key = { ...(await assume(sandbox, "Plain")), sessionToken: "forged" };
    const s3 = new S3Client({ ...sandbox.client, credentials: key });
    expect(await refusal(s3.send(new ListBucketsCommand({})))).toMatch(
      /^InvalidToken: The provided token is malformed/,
    );
    expect(await refusal(stsOf(sandbox, key).send(new GetCallerIdentityCommand({})))).toMatch(
      /^InvalidClientTokenId: The security token included/,
    );
  });

  test("survives nonsense: bad percent signs, bad signatures, endless paths", async () => {
    for (const path of [
      "/%",
      "/%zz/x",
      "/?X-Amz-Signature=1",
      "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a/b",
      `/${"a/".repeat(2_000)}`,
    ]) {
      const { status } = await send(path, {});
      expect(status, path.slice(0, 40)).toBeGreaterThanOrEqual(400);
      expect(status, path.slice(0, 40)).toBeLessThan(500);
    }
    for (const authorization of [
      "AWS4-HMAC-SHA256",
      "AWS4-HMAC-SHA256 Credential=a",
      "Bearer x",
      "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host, Signature=0",
    ])
      expect((await send("/", { authorization })).status).toBeLessThan(500);
    expect(await refusal(stsOf(sandbox, "main/admin").send(new GetCallerIdentityCommand({})))).toBeUndefined();
  });
});

describe("the console's federation endpoint", () => {
  const session = (key: SessionKey) =>
    JSON.stringify({ sessionId: key.accessKeyId, sessionKey: key.secretAccessKey, sessionToken: key.sessionToken });
  const tokenFor = async (key: SessionKey, more: Record<string, string> = {}, method: "GET" | "POST" = "POST") => {
    const fields = new URLSearchParams({ Action: "getSigninToken", Session: session(key), ...more }).toString();
    return method === "GET"
      ? send(`/federation?${fields}`, {})
      : send("/federation", { "content-type": "application/x-www-form-urlencoded" }, "POST", fields);
  };
  const login = (token: string, more: Record<string, string> = {}) =>
    send(`/federation?${new URLSearchParams({ Action: "login", SigninToken: token, ...more })}`, {});

  test("by GET and by POST leads to a page that says whose console it would be", async () => {
    const key = await assume(sandbox, "Plain", { RoleSessionName: "jo.k4z" });
    for (const method of ["GET", "POST"] as const) {
      const { SigninToken } = JSON.parse((await tokenFor(key, { SessionDuration: "43200" }, method)).body);
      const page = await login(SigninToken, {
        Issuer: "http://localhost:3000/roles/x",
        Destination: "https://console.aws.amazon.com/s3",
      });
      expect(page.status).toBe(200);
      for (const part of ["SIMULATED", "Role Plain", "jo.k4z", main, 'href="http://localhost:3000/roles/x"'])
        expect(page.body).toContain(part);
      expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
      expect(page.headers["cache-control"]).toBe("no-store");
    }
  });

  test("takes hostile text as text, and links to nobody but this machine", async () => {
    const key = await assume(sandbox, "Plain");
    const { SigninToken } = JSON.parse((await tokenFor(key)).body);
    const page = await login(SigninToken, {
      Issuer: "javascript:alert(1)",
      Destination: '"><script>alert(1)</script>',
    });
    expect(page.body).not.toContain("<script>");
    expect(page.body).toContain("&lt;script&gt;");
    expect(page.body).not.toContain("javascript:");
  });

  test("refuses SessionDuration to chained and federated credentials, and out of range", async () => {
    const plain = await assume(sandbox, "Plain");
    const chained = await assume(sandbox, "Second", {}, plain);
    const lent = await stsOf(sandbox, "main/federator").send(
      new GetFederationTokenCommand({ Name: "jo", Policy: policy(allow("*")) }),
    );
    const status = async (key: SessionKey, seconds?: string) =>
      (await tokenFor(key, seconds === undefined ? {} : { SessionDuration: seconds })).status;
    expect([await status(chained, "3600"), await status(chained)]).toEqual([400, 200]);
    expect([await status(keysOf(lent.Credentials), "3600"), await status(keysOf(lent.Credentials))]).toEqual([
      400, 200,
    ]);
    expect([await status(plain, "899"), await status(plain, "43201"), await status(plain, "900")]).toEqual([
      400, 400, 200,
    ]);
  });

  test("refuses keys that do not belong together, a forged token, one after 15 minutes, and an ended session", async () => {
    const key = await assume(sandbox, "Plain", { DurationSeconds: 900 });
    expect((await tokenFor({ ...key, secretAccessKey: "wrong" })).status).toBe(400);
    expect((await tokenFor({ ...key, sessionToken: "garbage" })).status).toBe(400);
    expect((await login("garbage")).status).toBe(400);
    expect((await login(key.sessionToken)).status).toBe(400);
    const relabelled = Buffer.from(key.sessionToken.slice("FwoGZXIvYXdzE".length), "base64").toString("base64url");
    const page = await login(relabelled);
    expect([page.status, page.body], "a session's token is no sign-in token").toEqual([
      400,
      expect.stringContaining("not one of this account"),
    ]);
    const long = await assume(sandbox, "Plain");
    const { SigninToken } = JSON.parse((await tokenFor(long)).body);
    const before = clock.now;
    clock.now = new Date(before.getTime() + 899_000);
    expect((await login(SigninToken)).status).toBe(200);
    clock.now = new Date(before.getTime() + 900_000);
    expect((await login(SigninToken)).body).toContain("15 minutes");
    expect((await tokenFor(key)).status).toBe(400);
    clock.now = before;
  });

  test("leaves GetSigninToken and ConsoleLogin in the trail under the session, the login without a key", async () => {
    const key = await assume(sandbox, "Long", { RoleSessionName: "seen" });
    const { SigninToken } = JSON.parse((await tokenFor(key)).body);
    await login(SigninToken);
    const seen = sandbox
      .records()
      .filter(
        (record) => record["userIdentity"].arn?.endsWith("/seen") && record["eventSource"] === "signin.amazonaws.com",
      );
    const [token, console] = ["GetSigninToken", "ConsoleLogin"].map((name) =>
      seen.find((record) => record["eventName"] === name),
    );
    expect(token).toMatchObject({
      awsRegion: "us-east-1",
      eventType: "AwsConsoleSignIn",
      requestParameters: null,
      userIdentity: { accessKeyId: key.accessKeyId },
      responseElements: { GetSigninToken: "Success" },
    });
    expect(console).toMatchObject({
      responseElements: { ConsoleLogin: "Success" },
      additionalEventData: { MFAUsed: "No" },
    });
    expect(console?.["userIdentity"].accessKeyId).toBeUndefined();
    expect(console?.["userIdentity"].sessionContext.sessionIssuer.arn).toBe(roleArn("Long"));
    expect(JSON.stringify(seen)).not.toContain(SigninToken);
  });
});
