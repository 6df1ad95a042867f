import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { type APIRequestContext, expect, type Page, request as requests, test } from "@playwright/test";
import { journey } from "../sandbox/signin/agent.ts";
import { alive, press } from "./press.ts";
import { proofIn } from "./proof.ts";
import { choose, type SigninProduct, signIn, startSigninProduct, watched } from "./signin-product.ts";

let product: SigninProduct;

test.beforeAll(async () => {
  product = await startSigninProduct();
});

test.afterAll(async () => {
  await product.stop();
});

const token = /eyJ[\w-]{20,}\.eyJ[\w-]{20,}\./;
const heading = (page: Page) => page.getByRole("heading", { level: 1 });

test("sign-in comes back to the page asked for, with one cookie and no token anywhere", async ({ browser }) => {
  const { context, page, addresses, violations } = await watched(browser);
  const pages: string[] = [];
  page.on("response", (response) => {
    if (response.request().resourceType() === "document")
      void response.text().then(
        (text) => pages.push(text),
        () => 0,
      );
  });
  await signIn(page, product, "Mara Oyelaran", "/sessions?caller=x");
  await expect(page).toHaveURL(`${product.app}/sessions?caller=x`);
  await expect(page.getByRole("button", { name: /Mara Oyelaran/ })).toBeVisible();
  const ours = (await context.cookies(product.app)).filter(({ name }) => name.includes("roletrail-"));
  expect(ours.map(({ name }) => name)).toEqual(["roletrail-sandbox"]);
  expect(ours[0]).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
  expect((ours[0]?.value ?? "").length).toBeLessThan(1_000);
  expect(addresses.filter((url) => token.test(url))).toEqual([]);
  expect([...pages, await page.content()].filter((html) => token.test(html))).toEqual([]);
  const stores = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
  expect(stores).not.toMatch(token);
  expect(violations).toEqual([]);
  await context.close();
});

test("the browser's key cannot be taken out, and survives a second sign-in", async ({ browser }) => {
  const { context, page } = await watched(browser);
  await signIn(page, product, "Mara Oyelaran");
  await expect(page).toHaveURL(`${product.app}/`);
  const taken = await page.evaluate(async () => {
    const pair = await new Promise<CryptoKeyPair>((resolve) => {
      indexedDB.open("roletrail-sandbox").onsuccess = (event) => {
        const database = (event.target as IDBOpenDBRequest).result;
        const asked = database.transaction("keys").objectStore("keys").get("key");
        asked.onsuccess = () => resolve(asked.result);
      };
    });
    return crypto.subtle.exportKey("jwk", pair.privateKey).then(
      () => "taken",
      (error: Error) => error.name,
    );
  });
  expect(taken).toBe("InvalidAccessError");
  const first = (await (await context.request.get(`${product.app}/session/bond`)).json()).jkt;
  await context.clearCookies({ domain: "localhost" });
  await page.goto(product.app);
  await press(page.getByRole("button", { name: /^Sign in/ }));
  await expect(page).toHaveURL(`${product.app}/`);
  expect((await (await context.request.get(`${product.app}/session/bond`)).json()).jkt).toBe(first);
  await context.close();
});

const odd = [
  ["Nil Castellan", "Your sign-in carries no groups", "not taken for being in none"],
  ["Ovid Lagarde", "You are in too many groups", "lists none of them"],
  ["Guida Estevez", "Your groups came as ids", "knows groups by name"],
] as const;

for (const [person, title, sentence] of odd) {
  test(`${person}: ${title.toLowerCase()}`, async ({ browser }) => {
    const { context, page } = await watched(browser);
    await signIn(page, product, person);
    await expect(heading(page)).toHaveText(title);
    await expect(page.getByRole("alert").first()).toContainText(sentence);
    expect((await context.cookies(product.app)).map(({ name }) => name)).not.toContain("roletrail-sandbox");
    await context.close();
  });
}

test("an administrator's e-mail, unverified, is told to mean nothing and means nothing", async ({ browser }) => {
  const { context, page } = await watched(browser);
  await signIn(page, product, "Basil Mallory");
  await expect(page.getByRole("note").filter({ hasText: "not verified" })).toContainText("gives no rights here");
  const me = await (await context.request.get(`${product.app}/api/v1/me`)).json();
  const powers = (me.powers as { power: string }[]).map(({ power }) => power);
  expect(powers).not.toContain("revoke");
  expect(powers).not.toContain("see-all");
  await context.close();
});

test("declining at the company says so, and nobody is signed in", async ({ browser }) => {
  const { context, page } = await watched(browser);
  await page.goto(product.app);
  await press(page.getByRole("button", { name: /^Sign in/ }));
  await page.getByRole("button", { name: "Do not sign in" }).click();
  await expect(heading(page)).toHaveText("Nobody signed in");
  await context.close();
});

for (const to of ["//evil.test", "/\\evil.test", "http://evil.test", "javascript:alert(1)", "/..//evil.test"]) {
  test(`signing in on the way to ${to} lands on the front page`, async ({ browser }) => {
    const { context, page, addresses } = await watched(browser);
    await page.goto(`${product.app}/signin?to=${encodeURIComponent(to)}`);
    await press(page.getByRole("button", { name: /^Sign in/ }));
    await choose(page, "Teo Park");
    await expect(page).toHaveURL(`${product.app}/`);
    expect(addresses.filter((url) => url.startsWith("http://evil"))).toEqual([]);
    await context.close();
  });
}

test("two tabs on their way at once both arrive, each where it wanted to go", async ({ browser }) => {
  const { context, page } = await watched(browser);
  const second = await context.newPage();
  await page.goto(`${product.app}/revocations`);
  await second.goto(`${product.app}/sessions`);
  await press(page.getByRole("button", { name: /^Sign in/ }));
  await page.getByRole("heading", { name: "Sign in to Northwharf" }).waitFor();
  await press(second.getByRole("button", { name: /^Sign in/ }));
  await choose(second, "Ilse Brandt");
  await expect(second).toHaveURL(`${product.app}/sessions`);
  await choose(page, "Ilse Brandt");
  await expect(page).toHaveURL(`${product.app}/revocations`);
  await second.reload();
  await expect(second).toHaveURL(`${product.app}/sessions`);
  await context.close();
});

test("a callback used twice, one of another browser, and a foreign code end nobody's session", async ({ browser }) => {
  const mine = await watched(browser);
  await signIn(mine.page, product, "Mara Oyelaran");
  await expect(mine.page).toHaveURL(`${product.app}/`);
  const used = mine.addresses.find((url) => url.includes("/api/auth/callback/sso?")) ?? "";
  expect(used).toContain("code=");
  await mine.page.goto(used);
  await expect(heading(mine.page)).toHaveText("The sign-in took too long");
  const other = await watched(browser);
  await other.page.goto(used);
  await expect(heading(other.page)).toHaveText("The sign-in took too long");
  // A flow of the other browser's own, with the first one's code in it.
  await other.page.goto(product.app);
  await press(other.page.getByRole("button", { name: /^Sign in/ }));
  await other.page.getByRole("heading", { name: "Sign in to Northwharf" }).waitFor();
  const begun = other.addresses.find((url) => url.includes("/authorize?")) ?? "";
  const foreign = new URL(used);
  foreign.searchParams.set("state", new URL(begun).searchParams.get("state") ?? "");
  await other.page.goto(foreign.href);
  await expect(heading(other.page)).toHaveText("The sign-in did not complete");
  await mine.page.goto(`${product.app}/sessions`);
  await expect(mine.page).toHaveURL(`${product.app}/sessions`);
  await mine.context.close();
  await other.context.close();
});

test("a session the vault lost is healed silently, on a document and on a soft navigation", async ({ browser }) => {
  const { context, page, addresses, violations } = await watched(browser);
  await signIn(page, product, "Mara Oyelaran");
  await expect(page).toHaveURL(`${product.app}/`);
  const bond = async () => (await context.request.get(`${product.app}/session/bond`)).json();
  const before = await bond();
  await product.loseVault();
  await page.goto(`${product.app}/sessions?caller=y`);
  await expect(page).toHaveURL(`${product.app}/sessions?caller=y`);
  expect(addresses.some((url) => url.includes("prompt=none"))).toBe(true);
  const after = await bond();
  expect(after.jkt).toBe(before.jkt);
  expect(after.n).not.toBe(before.n);
  await product.loseVault();
  await page
    .getByRole("navigation")
    .getByRole("link", { name: /Revocations/ })
    .first()
    .click();
  await expect(page).toHaveURL(`${product.app}/revocations`);
  await expect(page.getByRole("button", { name: /Mara Oyelaran/ })).toBeVisible();
  expect(violations).toEqual([]);
  await context.close();
});

test("where the company's sign-in has ended, a renewal asks for a click and comes back", async ({ browser }) => {
  const { context, page } = await watched(browser);
  await signIn(page, product, "Mara Oyelaran");
  await expect(page).toHaveURL(`${product.app}/`);
  await product.loseVault();
  await context.clearCookies({ domain: "127.0.0.1" });
  await page.goto(`${product.app}/sessions`);
  await expect(heading(page)).toHaveText("The company asks you to sign in again");
  await press(page.getByRole("button", { name: /^Sign in/ }));
  await choose(page, "Mara Oyelaran");
  await expect(page).toHaveURL(`${product.app}/sessions`);
  await context.close();
});

test("a renewal never turns one person's session into another's", async ({ browser }) => {
  const { context, page } = await watched(browser);
  await signIn(page, product, "Mara Oyelaran");
  await expect(page).toHaveURL(`${product.app}/`);
  await context.clearCookies({ domain: "127.0.0.1" });
  await page.goto(journey(product.signin, product.app).url);
  await choose(page, "Ilse Brandt");
  await expect(heading(page)).toHaveText("The sign-in took too long");
  await product.loseVault();
  await page.goto(`${product.app}/sessions`);
  await expect(heading(page)).toHaveText("Somebody else is signed in at the company");
  await press(page.getByRole("button", { name: /^Sign in/ }));
  await expect(page.getByRole("button", { name: /Ilse Brandt/ })).toBeVisible();
  await context.close();
});

test("while the provider does not answer, who is signed in goes on reading", async ({ browser }) => {
  const { context, page } = await watched(browser);
  await signIn(page, product, "Mara Oyelaran");
  await expect(page).toHaveURL(`${product.app}/`);
  await product.stopProvider();
  try {
    await page.goto(`${product.app}/sessions`);
    await expect(page).toHaveURL(`${product.app}/sessions`);
  } finally {
    await product.startProvider();
  }
  await context.close();
});

test("renewal is for documents, and stops after four trips in ten seconds", async ({ browser }) => {
  const { context, page } = await watched(browser);
  await signIn(page, product, "Mara Oyelaran");
  await expect(page).toHaveURL(`${product.app}/`);
  const soft = await page.evaluate(async () => (await fetch("/session/renew?to=/", { redirect: "manual" })).status);
  expect(soft).toBe(409);
  const places: string[] = [];
  for (let trip = 0; trip < 5; trip += 1) {
    const answer = await context.request.get(`${product.app}/session/renew?to=/sessions`, { maxRedirects: 0 });
    places.push(new URL(answer.headers()["location"] ?? "").pathname);
  }
  expect(places).toEqual(["/authorize", "/authorize", "/authorize", "/authorize", "/signin"]);
  await page.goto(`${product.app}/session/renew?to=/sessions`);
  await expect(heading(page)).toHaveText("The sign-in went in circles");
  await context.close();
});

test("after sign-out a copied cookie is worth nothing, the key is gone, and nobody is signed in by itself", async ({
  browser,
}) => {
  const { context, page, addresses } = await watched(browser);
  await signIn(page, product, "Mara Oyelaran");
  await expect(page).toHaveURL(`${product.app}/`);
  const stolen = await context.cookies(product.app);
  await press(page.getByRole("button", { name: /Mara Oyelaran/ }));
  await page.getByRole("menuitem", { name: "Sign out", exact: true }).click();
  await expect(heading(page)).toHaveText("You are signed out");
  const thief = await browser.newContext();
  await thief.addCookies(stolen);
  expect((await thief.request.get(`${product.app}/api/v1/me`)).status()).toBe(401);
  expect((await thief.request.get(`${product.app}/session/bond`)).status()).toBe(401);
  const theirs = await thief.newPage();
  await theirs.goto(`${product.app}/sessions`);
  await expect(heading(theirs)).toHaveText("The company asks you to sign in again");
  const keys = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        indexedDB.open("roletrail-sandbox").onsuccess = (event) => {
          const asked = (event.target as IDBOpenDBRequest).result.transaction("keys").objectStore("keys").count();
          asked.onsuccess = () => resolve(asked.result);
        };
      }),
  );
  expect(keys).toBe(0);
  await page.goto(product.app);
  await expect(heading(page)).toHaveText("Sign in");
  expect(addresses.filter((url) => token.test(url))).toEqual([]);
  await thief.close();
  await context.close();
});

test("signing out of the company too asks once there, with no token in the address, and then asks who one is", async ({
  browser,
}) => {
  const { context, page, addresses } = await watched(browser);
  await signIn(page, product, "Mara Oyelaran");
  await press(page.getByRole("button", { name: /Mara Oyelaran/ }));
  await page.getByRole("menuitem", { name: "Sign out of the company too" }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page).toHaveURL(`${product.app}/signin`);
  const logout = addresses.find((url) => url.startsWith(`${product.signin}/logout`)) ?? "";
  expect([...new URL(logout).searchParams.keys()].sort()).toEqual(["client_id", "post_logout_redirect_uri"]);
  await press(page.getByRole("button", { name: /^Sign in/ }));
  await expect(page.getByRole("heading", { name: "Sign in to Northwharf" })).toBeVisible();
  await context.close();
});

test("Back after signing in never leads to a callback", async ({ browser }) => {
  const { context, page } = await watched(browser);
  await signIn(page, product, "Mara Oyelaran", "/sessions");
  await expect(page).toHaveURL(`${product.app}/sessions`);
  await page.goBack();
  expect(page.url()).not.toContain("/api/auth/callback");
  // By the page itself: Playwright's goForward asks a process of the browser that has just been left.
  await page.evaluate(() => void setTimeout(() => history.forward()));
  await expect(page).toHaveURL(`${product.app}/sessions`);
  await context.close();
});

const rolePage = "/roles/111122223333/DataAnalyst";

test("a browser that lost its key is told so, makes a new one by a click, and goes on", async ({ browser }) => {
  const { context, page } = await watched(browser);
  await signIn(page, product, "Mara Oyelaran", rolePage);
  await expect(page).toHaveURL(`${product.app}${rolePage}`);
  await (await alive(page.getByLabel(/^Reason/))).fill("quarterly churn report");
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const asked = indexedDB.deleteDatabase("roletrail-sandbox");
        asked.onsuccess = resolve;
        asked.onblocked = resolve;
      }),
  );
  await press(page.getByRole("button", { name: "Get credentials" }));
  await expect(heading(page)).toHaveText("This browser lost its key");
  await press(page.getByRole("button", { name: /^Sign in/ }));
  await expect(page).toHaveURL(`${product.app}${rolePage}`);
  await expect(page.getByLabel(/^Reason/)).toHaveValue("quarterly churn report");
  await context.close();
});

const body = { role: "arn:aws:iam::111122223333:role/NoSuchRole", seconds: 900 };

async function post(
  request: APIRequestContext,
  proof: string | null,
  change: { data?: unknown; headers?: object } = {},
) {
  const headers = {
    origin: product.app,
    "content-type": "application/json",
    ...(proof === null ? {} : { "roletrail-proof": proof }),
    ...change.headers,
  };
  const answer = await request.post(`${product.app}/api/v1/credentials`, { headers, data: change.data ?? body });
  return (await answer.json()).code as string;
}

test("a deed's proof is asked for, and each way to bend it is refused by its own code", async ({ browser }) => {
  const { context, page } = await watched(browser);
  await signIn(page, product, "Mara Oyelaran");
  await expect(page).toHaveURL(`${product.app}/`);
  const { request } = context;
  const good = await proofIn(page, "mint", body);
  expect(await post(request, good)).toBe("role.unknown");
  expect(await post(request, good)).toBe("proof.spent");
  expect(await post(request, null)).toBe("proof.missing");
  expect(await post(request, await proofIn(page, "mint", body), { data: { ...body, seconds: 43_200 } })).toBe(
    "proof.request",
  );
  expect(await post(request, await proofIn(page, "revoke", body))).toBe("proof.request");
  expect(await post(request, await proofIn(page, "mint", body, { iat: 1 }))).toBe("proof.stale");
  expect(await post(request, "no.proof.here")).toBe("proof.header");
  const [head, , signature] = good.split(".");
  expect(await post(request, `${head}.e30.${signature}`)).toBe("proof.signature");
  const stranger = await requests.newContext();
  expect(await post(stranger, await proofIn(page, "mint", body))).toBe("signin.required");
  const program = { headers: { authorization: "Bearer x" } };
  expect(await post(request, await proofIn(page, "mint", body), program)).toBe("signin.required");
  await stranger.dispose();
  await context.close();
});

test("another person's cookie with my proof is refused", async ({ browser }) => {
  const mara = await watched(browser);
  const ilse = await watched(browser);
  await signIn(mara.page, product, "Mara Oyelaran");
  await signIn(ilse.page, product, "Ilse Brandt");
  await expect(mara.page).toHaveURL(`${product.app}/`);
  await expect(ilse.page).toHaveURL(`${product.app}/`);
  expect(await post(ilse.context.request, await proofIn(mara.page, "mint", body))).toBe("proof.nonce");
  await mara.context.close();
  await ilse.context.close();
});

test("another site's request changes nothing, whatever it sends", async ({ browser }) => {
  const { context, page } = await watched(browser);
  await signIn(page, product, "Mara Oyelaran");
  const foreign = [
    { origin: "https://evil.test" },
    { origin: "null" },
    { origin: product.signin },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    {},
  ];
  for (const place of [
    "/api/v1/credentials",
    "/api/v1/revocations",
    "/session/start",
    "/open/swap",
    "/api/auth/signout",
  ])
    for (const headers of foreign) {
      const answer = await context.request.post(`${product.app}${place}`, {
        headers: { "content-type": "application/json", ...headers },
        data: {},
      });
      expect(answer.status(), `${place} ${JSON.stringify(headers)}`).toBe(403);
    }
  const form = await context.request.post(`${product.app}/api/v1/credentials`, {
    headers: { origin: product.app },
    form: { role: "x" },
  });
  expect((await form.json()).code).toBe("request.invalid");
  await context.close();
});

/** Every page and route of the app, from its files. */
function routes(folder = path.resolve(import.meta.dirname, "../../app"), at = ""): { path: string; file: string }[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const where = path.join(folder, entry.name);
    if (entry.isDirectory()) return routes(where, entry.name.startsWith("(") ? at : `${at}/${entry.name}`);
    if (!/^(page|route)\.tsx?$/.test(entry.name)) return [];
    const filled = at
      .replace("[account]", "111122223333")
      .replace("[question]", "trail-summary")
      .replaceAll(/\[+\.*(\w+)\]+/g, "$1");
    return [{ path: filled === "" ? "/" : filled, file: where }];
  });
}

const open = ["/signin", "/open", "/open/swap", "/session/start", "/session/renew", "/session/end"];

test("without a sign-in every page and every route is refused, also with a cookie that only looks like one", async () => {
  const all = routes().filter(({ path: at }) => !open.includes(at) && !at.startsWith("/api/auth"));
  expect(all.length).toBeGreaterThan(10);
  for (const cookie of ["", "roletrail-sandbox=eyJhbGciOiJkaXIifQ.forged"]) {
    const request = await requests.newContext({ extraHTTPHeaders: cookie === "" ? {} : { cookie } });
    for (const { path: at, file } of all) {
      const source = readFileSync(file, "utf8");
      const methods = file.endsWith("page.tsx")
        ? ["GET"]
        : ["GET", "POST"].filter((each) => source.includes(`const ${each} `));
      for (const method of methods) {
        const answer = await request.fetch(`${product.app}${at}`, {
          method,
          maxRedirects: 0,
          headers: { origin: product.app, "content-type": "application/json" },
          ...(method === "POST" ? { data: {} } : {}),
        });
        const name = `${method} ${at} ${cookie}`;
        if (file.endsWith("page.tsx")) {
          expect([303, 307], name).toContain(answer.status());
          expect(answer.headers()["location"], name).toContain("/signin");
        } else {
          // A deed's input is parsed before its caller is asked for: a wrong form is said first.
          expect(method === "POST" && cookie !== "" ? [400, 401] : [401], name).toContain(answer.status());
        }
      }
    }
    await request.dispose();
  }
});

test("what skips web and its proxy is refused by functions themselves", async () => {
  const ticket = { sid: "x".repeat(24), key: "y".repeat(43) };
  const inputs: Readonly<Record<string, unknown>> = {
    read: { view: "me", params: {} },
    ask: { question: "trail-summary", params: {} },
    mint: body,
    revoke: { role: body.role, reason: "x" },
    vault: { action: "alive" },
  };
  for (const [name, input] of Object.entries(inputs)) {
    expect(await product.invoke(name, { input }), name).toEqual({ status: 401, code: "signin.required" });
    expect(await product.invoke(name, { input, ticket }), name).toEqual({ status: 401, code: "signin.expired" });
  }
  const answer = await (await requests.newContext()).get(`${product.app}/api/v1/me`, {
    headers: { "x-middleware-subrequest": "proxy:proxy:proxy:proxy:proxy" },
  });
  expect(answer.status()).toBe(401);
});

test("of next-auth's endpoints only the callback, its CSRF token and sign-out exist", async ({ request }) => {
  for (const name of [
    "session",
    "signin",
    "signin/sso",
    "providers",
    "error",
    "verify-request",
    "_log",
    "callback/other",
  ])
    expect((await request.get(`${product.app}/api/auth/${name}`, { maxRedirects: 0 })).status(), name).toBe(404);
  for (const name of ["signin/sso", "session", "_log", "callback/sso"]) {
    const answer = await request.post(`${product.app}/api/auth/${name}`, {
      headers: { origin: product.app },
      data: {},
    });
    expect(answer.status(), name).toBe(404);
  }
});

test("pages are kept by no cache, framed by nobody, and tell other sites nothing", async ({ request }) => {
  const answer = await request.get(`${product.app}/signin`);
  const headers = answer.headers();
  expect(headers["cache-control"]).toContain("no-store");
  expect(headers["content-security-policy"]).toMatch(
    /script-src 'self' 'nonce-[^']+' 'strict-dynamic'.*frame-ancestors 'none'/,
  );
  expect(headers["referrer-policy"]).toBe("same-origin");
  expect(headers["x-powered-by"]).toBeUndefined();
  expect((await request.get(`${product.app}/_next/image?url=%2Ficon.svg&w=64&q=75`)).status()).toBe(404);
});

test("a page that does not exist breaks no policy", async ({ browser }) => {
  const { context, page, violations } = await watched(browser);
  await signIn(page, product, "Mara Oyelaran");
  await page.goto(`${product.app}/no/such/page`);
  await expect(heading(page)).toContainText("Nothing is here");
  expect(violations).toEqual([]);
  await context.close();
});

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

for (const colorScheme of ["light", "dark"] as const) {
  test(`the sign-in pages pass axe, ${colorScheme}`, async ({ browser }) => {
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    const faults = async (): Promise<unknown> => {
      await page.evaluate(axe);
      return page.evaluate(
        "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))",
      );
    };
    await page.goto(product.app);
    expect(await faults()).toEqual([]);
    await press(page.getByRole("button", { name: /^Sign in/ }));
    await page.getByRole("heading", { name: "Sign in to Northwharf" }).waitFor();
    expect(await faults()).toEqual([]);
    await context.close();
  });
}
