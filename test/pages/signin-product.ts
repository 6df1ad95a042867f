import { type ChildProcess, execFileSync, fork, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, BrowserContext, Page } from "@playwright/test";
import { z } from "zod";
import { openLibsqlStore } from "#/core/store/libsql.ts";
import { type Signin, startSignin } from "#/sandbox/signin/provider.ts";
import { accessFile } from "#/sandbox/story/access.ts";
import { cast } from "#/sandbox/story/cast.ts";
import { press } from "./press.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** Web and functions as they are built, with a provider whose tokens live as long as the test wants. No AWS behind it. */
export interface SigninProduct {
  readonly app: string;
  readonly signin: string;
  /** As when the store was lost or swept: every session's row is gone. */
  readonly loseVault: () => Promise<void>;
  readonly stopProvider: () => Promise<void>;
  readonly startProvider: () => Promise<void>;
  /** One call on the functions' socket, past web and its proxy. */
  readonly invoke: (name: string, envelope: unknown) => Promise<{ status: number; code: string }>;
  /** Of everybody who ever signed in, what their id was made from, hashed (core/people.ts). */
  readonly origins: () => Promise<string[]>;
  readonly stop: () => Promise<void>;
}

interface Kind {
  readonly idTokenSeconds?: number;
  /** As a company runs it: TLS before the app, a client secret, and Entra's claim for who one is. */
  readonly company?: boolean;
}

export async function startSigninProduct({ idTokenSeconds = 600, company = false }: Kind = {}): Promise<SigninProduct> {
  const home = mkdtempSync(path.join(tmpdir(), "roletrail-signin-"));
  const world = path.join(home, "sandbox");
  const secrets = path.join(world, "secrets");
  const empty = path.join(home, "trail");
  for (const folder of [world, secrets, empty]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const access = accessFile();
  writeFileSync(path.join(world, "access.yaml"), company ? access.replace("claim: sub", "claim: oid") : access);
  const port = await freePair();
  const tls = company ? await tlsBefore(port, home) : null;
  const app = tls?.origin ?? `http://localhost:${port}`;
  const secretFile = path.join(secrets, "client");
  writeFileSync(secretFile, `${clientSecret}\n`, { mode: 0o600 });
  const asCompany = company ? { app, clientSecret } : {};
  const terms = { port: port + 1, appPort: port, cast, company: "Northwharf", idTokenSeconds, ...asCompany };
  let provider: Signin | null = await startSignin({ ...terms, keysFile: path.join(secrets, "signin.json") });
  const socket = path.join(home, "f.sock");
  const common = {
    PATH: process.env["PATH"] ?? "",
    NODE_ENV: "production" as const,
    ROLETRAIL_WORLD: "sandbox",
    ROLETRAIL_PORT: String(port),
    ROLETRAIL_SOCKET: socket,
    ROLETRAIL_SOCKET_SECRET: "socket-secret-of-this-test",
    ROLETRAIL_OIDC_DISCOVERY: `http://127.0.0.1:${port + 1}/.well-known/openid-configuration`,
    ...(company ? { ROLETRAIL_URL: app } : {}),
  };
  const aws = {
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_REGION: "us-east-1",
    AWS_ENDPOINT_URL: "http://127.0.0.1:1",
    AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
    AWS_SECRET_ACCESS_KEY: "none",
  };
  const functions = fork(path.join(root, ".build/functions.mjs"), {
    env: { ...common, ...aws, ROLETRAIL_HOME: home, ROLETRAIL_TRAIL: empty },
  });
  await new Promise((resolve) => functions.once("message", resolve));
  const next = path.join(root, "node_modules/next/dist/bin/next");
  const secret = "cookie-secret-of-this-test";
  const web = spawn(process.execPath, [next, "start", "-H", "127.0.0.1", "-p", String(port)], {
    cwd: root,
    env: {
      ...common,
      ROLETRAIL_COOKIE_SECRET: secret,
      NEXTAUTH_SECRET: secret,
      NEXTAUTH_URL: app,
      NEXT_TELEMETRY_DISABLED: "1",
      ...(company ? { ROLETRAIL_OIDC_CLIENT_SECRET_FILE: secretFile } : {}),
    },
    stdio: ["ignore", "inherit", "inherit"],
  });
  await answers(port);
  return {
    app,
    signin: `http://127.0.0.1:${port + 1}`,
    loseVault: async () => {
      const store = openLibsqlStore(path.join(world, "store.db"));
      for (const { sort } of await store.list("vault")) await store.remove("vault", sort);
      await store.close();
    },
    stopProvider: async () => {
      await provider?.close();
      provider = null;
    },
    startProvider: async () => {
      provider ??= await startSignin({ ...terms, keysFile: path.join(secrets, "signin.json") });
    },
    invoke: (name, envelope) => overSocket(socket, common.ROLETRAIL_SOCKET_SECRET, name, envelope),
    origins: async () => {
      const store = openLibsqlStore(path.join(world, "store.db"));
      const people = await store.list("person");
      await store.close();
      return people.map(({ value }) => Origin.parse(value).origin);
    },
    stop: async () => {
      await Promise.all([ended(web), ended(functions), provider?.close(), tls?.close()]);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

const Origin = z.object({ origin: z.string() });
const clientSecret = "client-secret-of-this-test";

/** What stands before the app in a company: TLS by a certificate of its own, the Host as it was asked for. */
async function tlsBefore(port: number, folder: string): Promise<{ origin: string; close: () => Promise<void> }> {
  const file = (name: string): string => path.join(folder, name);
  const wanted = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"];
  execFileSync("openssl", ["req", ...wanted, "-keyout", file("tls.key"), "-out", file("tls.crt")], { stdio: "ignore" });
  const tls = { key: readFileSync(file("tls.key")), cert: readFileSync(file("tls.crt")) };
  const server = https.createServer(tls, (request, response) => {
    const { method, url, headers } = request;
    const onward = http.request({ host: "127.0.0.1", port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port before the app");
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { origin: `https://localhost:${address.port}`, close };
}

/** Signs in by the pages alone. */
export async function signIn(page: Page, product: SigninProduct, person: string, to = "/"): Promise<void> {
  await page.goto(`${product.app}${to}`);
  await press(page.getByRole("button", { name: /^Sign in/ }));
  await choose(page, person);
}

export async function choose(page: Page, person: string): Promise<void> {
  await page.getByRole("heading", { name: "Sign in to Northwharf" }).waitFor();
  const button = page.getByRole("button", { name: new RegExp(`^${person}`) });
  if (!(await button.isVisible())) await page.getByText("odd sign-ins").click();
  await button.click();
}

/** A browser of its own that notes every address it goes to and every policy it breaks. */
export async function watched(browser: Browser): Promise<{
  context: BrowserContext;
  page: Page;
  addresses: string[];
  violations: string[];
}> {
  // A company's certificate is vouched for; the test's own is not.
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const addresses: string[] = [];
  const violations: string[] = [];
  context.on("request", (request) => addresses.push(request.url()));
  context.on("console", (line) => {
    if (/Content Security Policy|violates/i.test(line.text())) violations.push(line.text());
  });
  return { context, page: await context.newPage(), addresses, violations };
}

function overSocket(socketPath: string, secret: string, name: string, envelope: unknown) {
  return new Promise<{ status: number; code: string }>((resolve, reject) => {
    const headers = { "content-type": "application/json", "x-roletrail-secret": secret };
    const request = http.request({ socketPath, method: "POST", path: `/${name}`, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const { code = "" } = JSON.parse(Buffer.concat(chunks).toString("utf8"));
        resolve({ status: response.statusCode ?? 0, code });
      });
    });
    request.on("error", reject);
    request.end(JSON.stringify(envelope));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await gone;
}

async function answers(port: number): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const up = await new Promise((resolve) => {
      const socket = net.connect(port, "127.0.0.1", () => resolve(true));
      socket.on("error", () => resolve(false));
      socket.on("connect", () => socket.destroy());
    });
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the app did not start");
}

async function freePair(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = 20_000 + Math.floor(Math.random() * 30_000);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
  throw new Error("no two free ports");
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
