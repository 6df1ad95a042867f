import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { expect, test } from "@playwright/test";
import { startProduct } from "./product.ts";
import { shared } from "./world.ts";

const { run, world, home } = shared();
const root = path.resolve(import.meta.dirname, "../..");

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: http.IncomingHttpHeaders;
}

function ask(port: number, method: string, where: string, headers: Record<string, string>, body = ""): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, method, path: where, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString("utf8"),
          headers: response.headers,
        }),
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}

const ports = { app: run.ports[0] ?? 0, signin: run.ports[1] ?? 0, aws: run.ports[2] ?? 0 };

for (const [name, port] of Object.entries(ports)) {
  test(`${name}: a page whose name was bound to this port by DNS is refused`, async () => {
    for (const host of ["evil.example", `evil.example:${port}`, `localhost.evil.example:${port}`, "169.254.169.254"]) {
      const { status } = await ask(port, "GET", "/", { host });
      expect(status, host).toBeGreaterThanOrEqual(400);
      expect(status, host).toBeLessThan(500);
    }
  });

  test(`${name}: a POST from another site is refused`, async () => {
    const host = name === "app" ? `localhost:${port}` : `127.0.0.1:${port}`;
    const where = name === "app" ? "/api/v1/credentials" : "/";
    for (const origin of ["https://evil.example", "null", `http://localhost:${port + 7}`]) {
      const headers = { host, origin, "content-type": "application/json", "sec-fetch-site": "cross-site" };
      const { status } = await ask(port, "POST", where, headers, "{}");
      expect([400, 401, 403], `${origin} got ${status}`).toContain(status);
      expect(status, origin).toBe(403);
    }
  });
}

test("every address of the API refuses a foreign Host by itself, and carries the same headers as a page", async () => {
  const folder = path.join(root, "app/api/v1");
  const routes = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith("route.ts"));
  expect(routes.length).toBeGreaterThanOrEqual(8);
  for (const route of routes) {
    const where = `/api/v1/${path.dirname(route).replaceAll(/\[(\.\.\.)?|\]/g, "")}`;
    const methods = [
      ...readFileSync(path.join(folder, route), "utf8").matchAll(/\b(GET|POST|PUT|DELETE)\b(?=[ ,]*[=,}])/g),
    ];
    expect(methods.length, where).toBeGreaterThan(0);
    for (const [, method = ""] of methods) {
      const { status, headers } = await ask(ports.app, method, where, { host: "evil.example" });
      expect(status, `${method} ${where}`).toBe(421);
      expect(headers, where).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "same-origin" });
    }
  }
});

test("an address of the API answers a method it does not take with a problem that names those it does", async () => {
  for (const [where, method, allow] of [
    ["me", "PUT", "GET, HEAD, OPTIONS"],
    ["credentials", "GET", "POST, OPTIONS"],
    ["revocations", "DELETE", "GET, HEAD, POST, OPTIONS"],
    ["questions/sessions", "POST", "GET, HEAD, OPTIONS"],
  ] as const) {
    const { status, headers, body } = await ask(ports.app, method, `/api/v1/${where}`, {
      host: `localhost:${ports.app}`,
      origin: run.app_url,
    });
    expect([status, headers.allow, headers["content-type"]], where).toEqual([405, allow, "application/problem+json"]);
    expect(JSON.parse(body)).toMatchObject({ code: "request.method", status: 405 });
    const options = await ask(ports.app, "OPTIONS", `/api/v1/${where}`, { host: `localhost:${ports.app}` });
    expect([options.status, options.headers.allow], where).toEqual([204, allow]);
  }
});

test("none of our processes listens on anything but loopback", () => {
  test.skip(spawnSync("ss", ["-V"]).status !== 0, "ss is not on this machine");
  const listening = execFileSync("ss", ["-ltnpH"], { encoding: "utf8" }).split("\n");
  const ours = listening.filter((line) => Object.values(run.pids).some((pid) => line.includes(`pid=${pid},`)));
  expect(ours.length).toBeGreaterThanOrEqual(3);
  for (const line of ours) expect(line).toMatch(/\s(127\.0\.0\.1|\[::1\]):\d+\s/);
});

test("the world's folder, its secrets and the functions' socket are its owner's alone", () => {
  expect(statSync(world).mode & 0o777).toBe(0o700);
  expect(statSync(path.join(world, "secrets")).mode & 0o777).toBe(0o700);
  for (const file of readdirSync(path.join(world, "secrets"))) {
    expect(statSync(path.join(world, "secrets", file)).mode & 0o777, file).toBe(0o600);
  }
  const near = path.join(world, "functions.sock");
  if (existsSync(near)) expect(statSync(near).mode & 0o777).toBe(0o600);
});

test("another Unix user cannot reach the functions' socket", () => {
  const socket = path.join(world, "functions.sock");
  const may = process.getuid?.() === 0 && existsSync(socket) && spawnSync("setpriv", ["--version"]).status === 0;
  test.skip(!may, "this test cannot switch users here; the socket's and its folder's modes are checked above");
  const script = `require("net").connect(${JSON.stringify(socket)}).on("connect",()=>process.exit(0)).on("error",(e)=>{console.log(e.code);process.exit(7)})`;
  const done = spawnSync(
    "setpriv",
    ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, "-e", script],
    { encoding: "utf8" },
  );
  expect(done.status, done.stderr).toBe(7);
  expect(done.stdout.trim()).toBe("EACCES");
});

test("who reaches the socket without its secret is refused", async () => {
  const socket = path.join(world, "functions.sock");
  test.skip(!existsSync(socket), "the socket is in a private temporary folder");
  const answer = await new Promise<number>((resolve, reject) => {
    const request = http.request({ socketPath: socket, method: "POST", path: "/status" }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on("error", reject);
    request.end(JSON.stringify({ input: {} }));
  });
  expect(answer).toBe(401);
});

test("the app's process has no AWS_* and no file of the world in its environment", () => {
  const file = `/proc/${run.pids["web"]}/environ`;
  test.skip(!existsSync(file), "no /proc here");
  const names = readFileSync(file, "utf8").split("\0").filter(Boolean);
  expect(names.filter((each) => each.startsWith("AWS_") && !each.startsWith("AWS_EC2_METADATA_DISABLED="))).toEqual([]);
  expect(names.filter((each) => each.startsWith("ROLETRAIL_HOME=") || each.startsWith("ROLETRAIL_ACCESS="))).toEqual(
    [],
  );
});

test("run.json holds no secret", () => {
  const text = readFileSync(path.join(world, "run.json"), "utf8");
  const key = JSON.parse(readFileSync(run.admin_key_file, "utf8"));
  expect(text).not.toContain(key.secret_access_key);
  for (const file of readdirSync(path.join(world, "secrets"))) {
    const secret = readFileSync(path.join(world, "secrets", file), "utf8").trim();
    if (!secret.startsWith("{")) expect(text, file).not.toContain(secret);
  }
});

const start = (...flags: string[]) =>
  spawnSync(process.execPath, [path.join(root, "tools/start.mjs"), ...flags], { encoding: "utf8", timeout: 60_000 });

test("a second start says where the first one is", () => {
  const done = start("--home", home, "--port", String(ports.app + 40));
  expect(done.status).toBe(1);
  expect(done.stderr).toContain(`Roletrail is already running at ${run.app_url}`);
});

test("a busy port is named with what would free it", () => {
  const done = start("--home", test.info().outputPath("home"), "--port", String(ports.signin));
  expect(done.status).toBe(1);
  expect(done.stderr).toContain(`Port ${ports.signin}`);
  expect(done.stderr).toContain("--port");
});

test("a trail folder that does not exist, and a bad flag, are each one plain sentence", () => {
  const absent = start("--trail", "/no/such/folder");
  expect(absent.stderr).toBe(
    "roletrail: There is no folder /no/such/folder.\n  Give --trail the folder that holds the CloudTrail .json.gz files, at any depth.\n",
  );
  expect(start("--port", "http").stderr).toContain('"http" is not a port.');
});

test("a real account or an s3:// trail refuses the sandbox's sign-in provider", () => {
  for (const flags of [["--trail", "s3://some-bucket/AWSLogs"], ["--aws"]]) {
    const done = start(
      "--home",
      test.info().outputPath("home"),
      "--port",
      "41000",
      "--access",
      path.join(world, "access.yaml"),
      ...flags,
    );
    expect(done.status, flags.join(" ")).toBe(1);
    expect(done.stderr, flags.join(" ")).toContain("sign-in provider");
  }
});

test("real logs open by a one-time link, and a second use of it is refused", async ({ page, browser }) => {
  test.setTimeout(180_000);
  const product = await startProduct(["--trail", path.join(world, "s3")]);
  try {
    const printed = (): string =>
      /http:\/\/localhost:\d+\/\S+/.exec(product.output().split("Open it once")[1] ?? "")?.[0] ?? "";
    await expect.poll(printed).not.toBe("");
    const link = printed();
    const stranger = await page.goto(product.run.app_url);
    expect(await page.content()).not.toContain("arn:aws:iam");
    expect(stranger?.url()).toContain("/signin");
    await page.goto(link);
    await expect(page.getByRole("navigation").first()).toBeVisible();
    expect(page.url()).not.toContain(new URL(link).search || "code=");
    // A world of logs alone opens on what they say, and its roles have pages though no access file names them.
    await expect(page).toHaveURL(/\/trail$/);
    await expect(async () => {
      await page.goto(`${product.run.app_url}/sessions`);
      await page.locator('td a[href^="/roles/"]').first().click({ timeout: 1_000 });
      await expect(page.getByRole("heading", { name: "The last 90 days of this role" })).toBeVisible({
        timeout: 2_000,
      });
      await expect(page.locator("svg.life").first()).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: 60_000 });
    const other = await browser.newContext();
    const second = await other.newPage();
    await second.goto(link);
    await expect(second.getByText("This link was used before")).toBeVisible();
    await other.close();
  } finally {
    await product.stop();
  }
});
