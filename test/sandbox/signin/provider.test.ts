import { mkdtempSync, rmSync, statSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Signin, startSignin } from "#/sandbox/signin/provider.ts";
import { cast } from "#/sandbox/story/cast.ts";
import { Agent, journey, redeem, walk } from "./agent.ts";

const folder = mkdtempSync(path.join(tmpdir(), "roletrail-signin-"));
const keysFile = path.join(folder, "signin.json");
const app = "http://localhost:4999";
let signin: Signin;

beforeAll(async () => {
  signin = await startSignin({ port: 0, appPort: 4999, cast, company: "Northwharf", keysFile });
});

afterAll(async () => {
  await signin.close();
  rmSync(folder, { recursive: true });
});

async function tokenOf(sub: string, change: Record<string, string | null> = {}): Promise<JWTPayload> {
  const asked = journey(signin.url, app, change);
  const back = await walk(new Agent(), signin.url, asked.url, sub);
  expect(back.searchParams.get("state")).toBe(asked.state);
  const answer = await (await redeem(signin.url, app, back.searchParams.get("code") ?? "", asked.verifier)).json();
  expect(Object.keys(answer)).not.toContain("refresh_token");
  const keys = createRemoteJWKSet(new URL("/keys", signin.url));
  const { payload } = await jwtVerify(answer.id_token, keys, {
    issuer: "https://signin.roletrail.test",
    audience: "roletrail",
  });
  expect(payload["nonce"]).toBe(asked.nonce);
  return payload;
}

test("the discovery document names the stable issuer and endpoints on this machine", async () => {
  const found = await (await fetch(`${signin.url}/.well-known/openid-configuration`)).json();
  expect(found.issuer).toBe("https://signin.roletrail.test");
  for (const endpoint of ["authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"])
    expect(new URL(found[endpoint]).origin).toBe(signin.url);
  expect(found.code_challenge_methods_supported).toEqual(["S256"]);
});

test("code, PKCE and nonce give a signed id_token with groups, name and auth_time inside, for ten minutes", async () => {
  const token = await tokenOf("u-1001");
  expect(token).toMatchObject({
    sub: "u-1001",
    name: "Mara Oyelaran",
    groups: ["staff", "data", "on-call"],
    email_verified: true,
    auth_time: expect.any(Number),
  });
  expect(Number(token.exp) - Number(token.iat)).toBe(600);
});

test("everyone of the cast can sign in", async () => {
  const names = await Promise.all(cast.map(async ({ sub }) => (await tokenOf(sub))["name"]));
  expect(names).toEqual(cast.map(({ name }) => name));
});

test("odd sign-ins come as real providers send them", async () => {
  const [none, overage, ids, borrowed] = await Promise.all(
    ["u-9001", "u-9002", "u-9003", "u-9004"].map((sub) => tokenOf(sub)),
  );
  expect(none).not.toHaveProperty("groups");
  expect(overage).not.toHaveProperty("groups");
  expect(overage).toMatchObject({ _claim_names: { groups: "src1" } });
  expect(ids?.["groups"]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  const admin = cast.find(({ groups }) => groups.includes("security"));
  expect(borrowed).toMatchObject({ email: admin?.email, email_verified: false });
});

test("prompt=none answers at once where somebody is signed in, else login_required", async () => {
  const agent = new Agent();
  const first = await walk(agent, signin.url, journey(signin.url, app, { prompt: "none" }).url, "u-1001");
  expect(first.searchParams.get("error")).toBe("login_required");
  await walk(agent, signin.url, journey(signin.url, app).url, "u-1001");
  const silent = await agent.go(journey(signin.url, app, { prompt: "none" }).url);
  expect(silent.status).toBe(303);
  expect(new URL(silent.headers.get("location") ?? "").searchParams.get("code")).toMatch(/./);
});

test("two tabs' codes both work: one grant a session", async () => {
  const agent = new Agent();
  await walk(agent, signin.url, journey(signin.url, app).url, "u-1001");
  const [one, two] = [journey(signin.url, app), journey(signin.url, app)];
  const backs = [await walk(agent, signin.url, one.url, ""), await walk(agent, signin.url, two.url, "")];
  const answers = await Promise.all(
    [one, two].map((tab, index) => redeem(signin.url, app, backs[index]?.searchParams.get("code") ?? "", tab.verifier)),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
});

test("max_age=0 asks again though somebody is signed in", async () => {
  const agent = new Agent();
  await walk(agent, signin.url, journey(signin.url, app).url, "u-1001");
  const again = await agent.go(journey(signin.url, app, { max_age: "0" }).url);
  expect(again.headers.get("location")).toMatch(/\/interaction\//);
});

const refused: readonly (readonly [string, Record<string, string | null>])[] = [
  ["without PKCE", { code_challenge: null, code_challenge_method: null }],
  ["with plain PKCE", { code_challenge_method: "plain" }],
  ["for tokens in the URL", { response_type: "id_token" }],
];

test.each(refused)("a request %s is refused", async (_, change) => {
  const answer = await new Agent().go(journey(signin.url, app, change).url);
  const error = answer.headers.get("location") ?? (await answer.text());
  expect(error).toMatch(/error=|cannot go on/);
});

test.each(["http://localhost:5999/api/auth/callback/sso", `${app}/elsewhere`, "https://evil.test/"])(
  "a redirect to %s is refused on the spot",
  async (redirect_uri) => {
    const answer = await new Agent().go(journey(signin.url, app, { redirect_uri }).url);
    expect(answer.status).toBe(400);
    expect(answer.headers.get("location")).toBeNull();
  },
);

test("a code is spent once, and only with its verifier", async () => {
  const asked = journey(signin.url, app);
  const back = await walk(new Agent(), signin.url, asked.url, "u-1001");
  const code = back.searchParams.get("code") ?? "";
  expect((await redeem(signin.url, app, code, "x".repeat(43))).status).toBe(400);
  const other = journey(signin.url, app);
  const again = await walk(new Agent(), signin.url, other.url, "u-1001");
  const good = again.searchParams.get("code") ?? "";
  expect((await redeem(signin.url, app, good, other.verifier)).status).toBe(200);
  expect((await redeem(signin.url, app, good, other.verifier)).status).toBe(400);
});

test("choosing nobody goes back with access_denied", async () => {
  const back = await walk(new Agent(), signin.url, journey(signin.url, app).url, "");
  expect(back.searchParams.get("error")).toBe("access_denied");
});

test("the page is not framed, runs no script, asks nothing of the net, and escapes what it shows", async () => {
  const agent = new Agent();
  const ask = await agent.go(journey(signin.url, app).url);
  const page = await agent.go(new URL(ask.headers.get("location") ?? "", signin.url).href);
  const html = await page.text();
  expect(page.headers.get("content-security-policy")).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  expect(page.headers.get("cache-control")).toBe("no-store");
  expect(html).toContain("SIMULATED");
  expect(html).not.toMatch(/<script|https?:\/\/(?!127\.0\.0\.1)/);
});

test("sign-out asks once, ends the session and goes back to the app's sign-in page alone", async () => {
  const agent = new Agent();
  await walk(agent, signin.url, journey(signin.url, app).url, "u-1001");
  const query = new URLSearchParams({ client_id: "roletrail", post_logout_redirect_uri: `${app}/signin` });
  const page = await (await agent.go(`${signin.url}/logout?${query}`)).text();
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
  const action = new URL(/action="([^"]+)"/.exec(page)?.[1] ?? "", signin.url).href;
  const back = await agent.go(action, { form: { xsrf, logout: "yes" } });
  expect(back.headers.get("location")).toBe(`${app}/signin`);
  const silent = await walk(agent, signin.url, journey(signin.url, app, { prompt: "none" }).url, "u-1001");
  expect(silent.searchParams.get("error")).toBe("login_required");
  const evil = new URLSearchParams({ client_id: "roletrail", post_logout_redirect_uri: "https://evil.test/" });
  expect((await agent.go(`${signin.url}/logout?${evil}`)).status).toBe(400);
});

test("another Host and another site's POST are refused", async () => {
  const { port } = new URL(signin.url);
  const rebound = await new Promise<number>((resolve) => {
    http.get({ host: "127.0.0.1", port, path: "/keys", headers: { host: `evil.test:${port}` } }, (answer) =>
      resolve(answer.statusCode ?? 0),
    );
  });
  expect(rebound).toBe(421);
  for (const headers of [{ origin: "https://evil.test" }, { origin: "null" }, { "sec-fetch-site": "cross-site" }]) {
    const answer = await fetch(`${signin.url}/token`, { method: "POST", headers: headers as never });
    expect(answer.status).toBe(403);
  }
});

test("the keys stay over a restart, readable by their user only", async () => {
  expect(statSync(keysFile).mode & 0o777).toBe(0o600);
  const second = await startSignin({ port: 0, appPort: 4999, cast, company: "Northwharf", keysFile });
  const keys = async (url: string): Promise<unknown> => (await fetch(`${url}/keys`)).json();
  expect(await keys(second.url)).toEqual(await keys(signin.url));
  expect(JSON.stringify(await keys(second.url))).not.toMatch(/"d":/);
  await second.close();
});
