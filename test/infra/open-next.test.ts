import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { root } from "./graph/evaluate.ts";

const { layPrivate, openNextApart } = await import("../../tools/open-next.mjs");

const app = "roletrail.example.com";

const Answer = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  cookies: z.array(z.string()).default([]),
  body: z.string(),
  isBase64Encoded: z.boolean(),
});

describe("the app as Lambda gets it", () => {
  let built: string;
  let asked: string[] = [];
  /**
   * Lambda and the sign-in provider as web sees them: `status` says how one signs in, `read` and `mint` know nobody, and
   * every other function is turned away as AWS does without the right.
   */
  const lambda = http.createServer((request, response) => {
    request.resume();
    const { port } = request.socket.address() as AddressInfo;
    if (request.url === "/discovery")
      return response.end(
        JSON.stringify({
          issuer: "https://login.example.com",
          authorization_endpoint: "https://login.example.com/auth",
        }),
      );
    const name = /functions\/roletrail-production-([\w-]+)\/invocations/.exec(request.url ?? "")?.[1] ?? "";
    asked.push(name);
    if (name === "read" || name === "mint") {
      const refused = { code: "signin.required", detail: "Nobody is signed in here.", help: "Sign in.", id: "q_1" };
      return response.end(JSON.stringify({ status: 401, body: refused }));
    }
    if (name !== "status") {
      response.writeHead(403, { "content-type": "application/json", "x-amzn-errortype": "AccessDeniedException" });
      return response.end(JSON.stringify({ Message: "not authorized" }));
    }
    const signin = {
      issuer: "https://login.example.com",
      client_id: "roletrail",
      discovery: `http://127.0.0.1:${port}/discovery`,
      scope: "openid groups",
      claim: "sub",
      name_claim: "name",
    };
    const body = { world: "aws-111122223333", simulated: false, signin, link: false };
    response.end(JSON.stringify({ status: 200, body }));
  });

  beforeAll(async () => {
    built = path.join(openNextApart(), ".open-next");
    await new Promise<void>((resolve) => lambda.listen(0, "127.0.0.1", resolve));
  }, 300_000);
  afterAll(() => lambda.close());

  /** Requests as CloudFront's function hands them on: the visitor's host beside the function URL's own. */
  const event = (method: string, at: string, headers: Record<string, string> = {}, body?: string) => {
    const url = new URL(at, `https://${app}`);
    return {
      version: "2.0",
      routeKey: "$default",
      rawPath: url.pathname,
      rawQueryString: url.search.slice(1),
      headers: {
        host: "x.lambda-url.eu-central-1.on.aws",
        "x-forwarded-host": app,
        "x-forwarded-proto": "https",
        ...headers,
      },
      requestContext: {
        domainName: "x.lambda-url.eu-central-1.on.aws",
        http: { method, path: url.pathname, protocol: "HTTP/1.1", sourceIp: "203.0.113.9", userAgent: "test" },
      },
      ...(body === undefined ? {} : { body }),
      isBase64Encoded: false,
    };
  };

  const answersTo = async (...events: readonly object[]): Promise<readonly z.infer<typeof Answer>[]> =>
    z.array(Answer).parse(await invoked("server-functions/default/index.mjs", events));

  /** What a handler of the build answers, in a process of its own. */
  async function invoked(file: string, events: readonly object[]): Promise<unknown> {
    asked = [];
    const address = lambda.address();
    const port = typeof address === "object" ? address?.port : 0;
    const child = spawn(
      process.execPath,
      [path.join(root, "test/infra/open-next/invoke.mjs"), path.join(built, file)],
      {
        cwd: path.join(built, path.dirname(file)),
        env: {
          NODE_ENV: "production",
          PATH: process.env["PATH"] ?? "",
          AWS_REGION: "eu-central-1",
          AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
          AWS_SECRET_ACCESS_KEY: "example",
          AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${port}`,
          AWS_EC2_METADATA_DISABLED: "true",
          ROLETRAIL_WORLD: "aws-111122223333",
          ROLETRAIL_URL: `https://${app}`,
          ROLETRAIL_FUNCTIONS: "roletrail-production-",
          ROLETRAIL_COOKIE_SECRET: "a cookie key of thirty-two bytes",
          NEXTAUTH_SECRET: "a cookie key of thirty-two bytes",
          NEXTAUTH_URL: `https://${app}`,
        },
        stdio: ["pipe", "pipe", "pipe"],
      },
    );
    const chunks: Record<"out" | "err", Buffer[]> = { out: [], err: [] };
    child.stdout.on("data", (chunk: Buffer) => chunks.out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.err.push(chunk));
    child.stdin.end(JSON.stringify(events));
    const code = await new Promise((resolve) => child.on("exit", resolve));
    const said = Buffer.concat(chunks.out).toString("utf8");
    if (code !== 0) throw new Error(`${said}${Buffer.concat(chunks.err).toString("utf8")}`.slice(-3_000));
    return JSON.parse(said.split("\n").at(-1) ?? "");
  }

  const textOf = ({ body, isBase64Encoded }: z.infer<typeof Answer>): string =>
    isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body;

  test("its output is what the deployment's own test stands on", () => {
    const output = (folder: string) =>
      z
        .object({
          edgeFunctions: z.record(z.string(), z.unknown()),
          origins: z.record(
            z.string(),
            z.looseObject({
              handler: z.string().optional(),
              bundle: z.string().optional(),
              streaming: z.boolean().optional(),
            }),
          ),
          additionalProps: z.looseObject({ disableIncrementalCache: z.boolean(), disableTagCache: z.boolean() }),
        })
        .transform(({ edgeFunctions, origins, additionalProps }) => ({
          edgeFunctions,
          origins: Object.fromEntries(
            Object.entries(origins).map(([name, { handler, bundle, streaming }]) => [
              name,
              { handler, bundle, streaming },
            ]),
          ),
          caches: [additionalProps.disableIncrementalCache, additionalProps.disableTagCache],
          initialisation: additionalProps["initializationFunction"] ?? null,
          revalidation: additionalProps["revalidationFunction"] ?? null,
        }))
        .parse(JSON.parse(readFileSync(path.join(folder, "open-next.output.json"), "utf8")));
    expect(output(built)).toEqual(output(path.join(root, "test/infra/graph/site")));
  });

  test("nothing native and nothing that holds power is in the web's bundle", () => {
    const files = readdirSync(path.join(built, "server-functions/default"), { recursive: true }).map(String);
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter((file) => file.endsWith(".node"))).toEqual([]);
    expect(
      files.filter((file) => /@duckdb|libsql|client-(sts|iam|kms|dynamodb|athena|secrets-manager)/.test(file)),
    ).toEqual([]);
  });

  test("a stranger is sent to sign in; the sign-in page comes with a nonce on every script of its policy", async () => {
    const [home, signin] = await answersTo(event("GET", "/"), event("GET", "/signin"));
    expect(home?.statusCode).toBe(307);
    expect(new URL(String(home?.headers["location"]), `https://${app}`).href).toBe(`https://${app}/signin`);
    if (signin === undefined) throw new Error("no answer");
    expect(signin.statusCode).toBe(200);
    const page = textOf(signin);
    expect(page).toContain("Sign in");
    const policy = String(signin.headers["content-security-policy"]);
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe-eval");
    const scripts = page.match(/<script\b[^>]*>/g) ?? [];
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) expect(script).toContain(`nonce="${nonce}"`);
    expect(signin.headers["strict-transport-security"]).toContain("max-age=");
    expect(signin.headers["cache-control"]).toContain("no-store");
  });

  test("the API refuses strangers as functions do, a deed's, other sites' and hosts' without asking one", async () => {
    const json = { "content-type": "application/json" };
    const own = { ...json, origin: `https://${app}` };
    const [roles, mint, foreign, rebound, image] = await answersTo(
      event("GET", "/api/v1/roles"),
      event("POST", "/api/v1/credentials", own, "{}"),
      event("POST", "/api/v1/credentials", { ...json, origin: "https://evil.example" }, "{}"),
      event("GET", "/signin", { "x-forwarded-host": "evil.example" }),
      event("GET", "/_next/image?url=%2Ficon.svg&w=64&q=75"),
    );
    for (const refused of [roles, mint]) {
      expect(refused?.statusCode).toBe(401);
      expect(refused?.headers["content-type"]).toBe("application/problem+json");
      expect(JSON.parse(textOf(refused ?? never()))).toMatchObject({ status: 401, code: "signin.required" });
      expect(refused?.headers["cache-control"]).toBe("no-store");
    }
    expect(foreign?.statusCode).toBe(403);
    expect(rebound?.statusCode).toBe(421);
    expect(image?.statusCode).toBe(404);
    expect(asked).toEqual(["read"]);
  });

  test("a function that AWS does not let web call is a fault with an id, and nothing of AWS's text leaves", async () => {
    const [answer] = await answersTo(event("GET", "/api/v1/questions/trail-summary"));
    expect(answer?.statusCode).toBe(500);
    expect(JSON.parse(textOf(answer ?? never())).id).toMatch(/^f_/);
    expect(textOf(answer ?? never())).not.toContain("not authorized");
    expect(asked).toEqual(["ask"]);
  });

  test("a click on sign-in leads to the provider with PKCE, a nonce bound to the browser's key, and our own address", async () => {
    const own = { "content-type": "application/json", origin: `https://${app}` };
    const [start] = await answersTo(
      event("POST", "/session/start", own, JSON.stringify({ jkt: "A".repeat(43), to: "/" })),
    );
    expect(start?.statusCode).toBe(200);
    const url = new URL(z.object({ url: z.string() }).parse(JSON.parse(textOf(start ?? never()))).url);
    expect(url.origin).toBe("https://login.example.com");
    expect(url.searchParams.get("redirect_uri")).toBe(`https://${app}/api/auth/callback/sso`);
    expect(url.searchParams.get("code_challenge_method")).toBe("S256");
    expect(url.searchParams.get("nonce")).toMatch(/^[\w-]{43}$/);
    expect(start?.cookies.join()).toMatch(/__Secure-flow-roletrail-aws-111122223333-.*HttpOnly/i);
  });

  describe("behind a load balancer of a private network", () => {
    const Balanced = z.strictObject({
      statusCode: z.number(),
      multiValueHeaders: z.record(z.string(), z.array(z.string())),
      body: z.string(),
      isBase64Encoded: z.boolean(),
    });
    const arriving = (method: string, at: string, headers: Record<string, string[]> = {}, body = "") => {
      const url = new URL(at, `https://${app}`);
      return {
        requestContext: {
          elb: { targetGroupArn: "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/web/1" },
        },
        httpMethod: method,
        path: url.pathname,
        multiValueQueryStringParameters: Object.fromEntries(
          [...new Set(url.searchParams.keys())].map((name) => [
            name,
            url.searchParams.getAll(name).map(encodeURIComponent),
          ]),
        ),
        multiValueHeaders: {
          host: [app],
          "x-forwarded-proto": ["https"],
          "x-forwarded-for": ["10.20.1.9"],
          ...headers,
        },
        body,
        isBase64Encoded: false,
      };
    };
    const balanced = async (...events: readonly object[]) =>
      z.array(Balanced).parse(await invoked("private/balancer.mjs", events));
    const bodyOf = ({ body, isBase64Encoded, multiValueHeaders }: z.infer<typeof Balanced>): string => {
      const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
      return (multiValueHeaders["content-encoding"]?.[0] === "gzip" ? gunzipSync(bytes) : bytes).toString("utf8");
    };

    beforeAll(() => layPrivate(built), 60_000);

    test("pages, the API and a sign-in answer as behind CloudFront, each cookie in a header of its own", async () => {
      const own = { "content-type": ["application/json"], origin: [`https://${app}`] };
      const [home, signin, refused, start] = await balanced(
        arriving("GET", "/"),
        arriving("GET", "/signin", { "accept-encoding": ["gzip, br"] }),
        arriving("GET", "/api/v1/roles"),
        arriving("POST", "/session/start", own, JSON.stringify({ jkt: "A".repeat(43), to: "/" })),
      );
      expect(home?.statusCode).toBe(307);
      expect(signin?.statusCode).toBe(200);
      expect(signin?.multiValueHeaders["content-encoding"]).toEqual(["gzip"]);
      expect(bodyOf(signin ?? never())).toContain("Sign in");
      expect(signin?.multiValueHeaders["content-security-policy"]?.[0]).toContain("default-src 'self'");
      expect([refused?.statusCode, JSON.parse(bodyOf(refused ?? never())).code]).toEqual([401, "signin.required"]);
      expect(start?.statusCode).toBe(200);
      for (const cookie of start?.multiValueHeaders["set-cookie"] ?? []) expect(cookie).toMatch(/^__(Secure|Host)-/);
      expect(start?.multiValueHeaders["set-cookie"]?.length).toBeGreaterThan(0);
    });

    test("a host that a client calls itself is not believed: what it came by is", async () => {
      const [named, rebound] = await balanced(
        arriving("GET", "/signin", { "x-forwarded-host": ["evil.example"] }),
        arriving("GET", "/signin", { host: ["evil.example"], "x-forwarded-host": [app] }),
      );
      expect([named?.statusCode, rebound?.statusCode]).toEqual([200, 421]);
    });

    test("static files are those of the build, each with its type, and no path leads out of them", async () => {
      const static_ = readdirSync(path.join(built, "assets"), { recursive: true }).map(String);
      const script = static_.find((file) => /_next\/static\/.*\.js$/.test(file)) ?? "";
      const [found, head, outside, encoded, folder] = await balanced(
        arriving("GET", `/${script}`),
        arriving("HEAD", `/${script}`),
        { ...arriving("GET", "/"), path: "/_next/../../package.json" },
        { ...arriving("GET", "/"), path: "/_next/static/%2e%2e/%2e%2e/index.mjs" },
        arriving("GET", "/_next/static"),
      );
      expect(found?.statusCode).toBe(200);
      expect(found?.multiValueHeaders["content-type"]).toEqual(["text/javascript; charset=utf-8"]);
      expect(found?.multiValueHeaders["cache-control"]?.[0]).toContain("immutable");
      expect(bodyOf(found ?? never())).toBe(readFileSync(path.join(built, "assets", script), "utf8"));
      expect([head?.statusCode, head?.body]).toEqual([200, ""]);
      for (const answer of [outside, encoded, folder]) {
        expect(answer?.statusCode).not.toBe(200);
        expect(bodyOf(answer ?? never())).not.toMatch(/"type"|import/);
      }
    });
  });

  test("assets lie beside the function, for the bucket", () => {
    expect(existsSync(path.join(built, "assets/_next/static"))).toBe(true);
  });
});

function never(): never {
  throw new Error("there is no such answer");
}
