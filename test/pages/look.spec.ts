import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import { type StandIn, type State, startStandIn } from "./stand-in/app.ts";

/** One app for all tests of a worker: the state of its pages goes by who is signed in. */
const test = base.extend<object, { app: StandIn }>({
  app: [
    async ({ browser: _ }, use) => {
      const app = await startStandIn();
      await use(app);
      await app.stop();
    },
    { scope: "worker" },
  ],
});
test.describe.configure({ mode: "parallel" });

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const shots = path.resolve(import.meta.dirname, "../../test-results/screenshots");

const role = "/roles/111122223333/DataAnalyst";
const pages: Readonly<Record<string, string>> = {
  roles: "/",
  role,
  revoke: `${role}/revoke`,
  sessions: "/sessions?services=1",
  session: "/sessions/ASIAZ7QX4M2LRT000001",
  revocations: "/revocations",
  revocation: "/revocations/v_01kaa0000000000000000000aa",
  overview: "/trail",
  matrix: "/trail/who-assumed-which-role?services=1",
  time: "/trail/who-assumed-which-role?view=time",
  flow: "/trail/who-assumed-which-role?view=flow",
  table: "/trail/who-assumed-which-role?view=table",
  denied: "/trail/denied-assumptions",
  outside: "/trail/sessions-outside-the-broker",
  questions: "/trail/questions",
  question: "/trail/sessions",
  sql: "/trail/sql",
  health: "/trail/health",
  missing: "/nowhere",
  signin: "/signin?why=signed-out",
};

const sizes = [
  { width: 1280, height: 900 },
  { width: 375, height: 812 },
] as const;

/** A desk's layout with the least room for it. */
const between = { width: 900, height: 800 };

/** Once the browser has laid the page out for the size it was just given. */
const sideways = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    return document.documentElement.scrollWidth - window.innerWidth;
  });

/** Tables that scroll in their card where they have room enough. */
const overfull = (page: Page): Promise<(string | undefined)[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll(".table-scroll, .card > table")]
      .filter((box) => box.scrollWidth > box.clientWidth || box.clientWidth > (box.closest(".card")?.clientWidth ?? 0))
      .map((box) => box.querySelector("caption")?.textContent),
  );

/** What the browser itself objects to: its content policy above all. */
function complaints(page: Page): string[] {
  const heard: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 404/.test(message.text())) heard.push(message.text());
  });
  page.on("pageerror", (error) => heard.push(String(error)));
  return heard;
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found: { id: string; nodes: { html: string }[] }[] = await page.evaluate(
    "axe.run({ resultTypes: ['violations'], preload: false, iframes: false }).then((result) => result.violations)",
  );
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
}

async function opened(app: StandIn, context: BrowserContext, where: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${app.url}${where}`, { waitUntil: "networkidle" });
  return page;
}

const titles: Readonly<Record<State, string>> = {
  much: "with much data",
  none: "with no data",
  error: "with a trail that does not answer",
};

for (const state of ["much", "none", "error"] as const satisfies readonly State[])
  for (const colorScheme of ["light", "dark"] as const)
    test(`pages ${titles[state]} are drawn, accessible and within the width, ${colorScheme}`, async ({
      app,
      browser,
    }) => {
      test.setTimeout(300_000);
      mkdirSync(shots, { recursive: true });
      const [wide, narrow] = sizes;
      const context = await browser.newContext({ viewport: wide, colorScheme, reducedMotion: "reduce" });
      await app.signIn(context, state);
      const page = await context.newPage();
      const heard = complaints(page);
      for (const [name, where] of Object.entries(pages)) {
        await page.setViewportSize(wide);
        await page.goto(`${app.url}${where}`);
        // A page that was not reached is accessible too.
        if (name !== "signin") expect(page.url(), name).not.toContain("/signin");
        // So is the page that says something broke.
        await expect(page.getByRole("heading", { level: 1 }), name).not.toContainText("Something broke");
        for (const viewport of [wide, narrow]) {
          await page.setViewportSize(viewport);
          await page.screenshot({
            path: path.join(shots, `${name}-${state}-${viewport.width}-${colorScheme}.png`),
            fullPage: true,
          });
          expect.soft(await sideways(page), `${name} scrolls sideways at ${viewport.width} px`).toBeLessThanOrEqual(0);
          if (viewport === wide)
            expect.soft(await overfull(page), `a table of ${name} is wider than its card`).toEqual([]);
          // Each theme once on every page, each layout once: colours differ by theme, structure by width.
          if ((colorScheme === "light") === (viewport === wide))
            expect.soft(await violations(page), `axe on ${name} at ${viewport.width} px`).toEqual([]);
        }
        await page.setViewportSize(between);
        expect.soft(await sideways(page), `${name} scrolls sideways at ${between.width} px`).toBeLessThanOrEqual(0);
      }
      expect(heard).toEqual([]);
      await context.close();
    });

test.describe("with the keyboard", () => {
  let context: BrowserContext;
  test.beforeEach(async ({ app, browser }) => {
    context = await browser.newContext({ viewport: sizes[0] });
    await app.signIn(context);
  });
  test.afterEach(() => context.close());

  test("on My roles typing filters and Enter opens the first hit", async ({ app }) => {
    const page = await opened(app, context, "/");
    await expect(page.locator("#search")).toBeFocused();
    await page.keyboard.type("oper");
    await expect(page.getByRole("row", { name: /Get credentials/ })).toHaveCount(1);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/roles\/777788889999\/Operator$/);
    await page.close();
  });

  test("⌘K finds a page, ? shows the keys, Escape closes", async ({ app }) => {
    const page = await opened(app, context, "/trail");
    await page.keyboard.press("Control+k");
    await page.getByPlaceholder(/Role, person, question/).fill("health");
    await expect(page.getByRole("option", { name: /^Health/ })).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/trail\/health$/);
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog")).toContainText("these keys");
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await page.close();
  });

  test("⌘K finds what only the trail knows, by any part of its name", async ({ app }) => {
    const page = await opened(app, context, "/trail");
    await page.keyboard.press("Control+k");
    await page.getByPlaceholder(/Role, person, question/).fill("legacy-exp");
    await expect(page.getByRole("option", { name: /^svc-legacy-export 13 sessions/ })).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/sessions\?who=.*svc-legacy-export/);
    await page.close();
  });

  test("arrows walk the matrix, Enter fills the inspector, and the cell is in the URL", async ({ app }) => {
    const page = await opened(app, context, "/trail/who-assumed-which-role");
    const first = page.locator("a.cell").first();
    await first.focus();
    await page.keyboard.press("ArrowDown");
    const label = await page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
    expect(label).toMatch(/ to .+: /);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/caller=/);
    const [who = ""] = label.split(" to ");
    await expect(page.locator("#inspector h2")).toContainText(who);
    await page.close();
  });

  test("arrows walk the rows of a table and Enter opens the session", async ({ app }) => {
    const page = await opened(app, context, "/sessions");
    await page.locator("tbody a").first().focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/sessions\/s_/);
    await expect(page.getByRole("list", { name: "Lineage" })).toBeVisible();
    await page.close();
  });

  test("the first Tab of a page skips to its content", async ({ app }) => {
    const page = await opened(app, context, "/trail/health");
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to the page" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.locator("main")).toBeFocused();
    await page.close();
  });
});

for (const colorScheme of ["light", "dark"] as const)
  test(`hand-written SQL runs by key, says why not, and leaves nothing in the address, ${colorScheme}`, async ({
    app,
    browser,
  }) => {
    const context = await browser.newContext({ viewport: sizes[0], colorScheme, reducedMotion: "reduce" });
    await app.signIn(context);
    const page = await opened(app, context, "/trail/sql");
    const heard = complaints(page);
    const text = page.getByRole("textbox", { name: "Statement" });
    const run = async (sql: string): Promise<void> => {
      await text.fill(sql);
      await text.press("Control+Enter");
      await expect(page.getByRole("button", { name: "Run" })).toBeEnabled();
    };
    await run("select user_agent from events");
    await expect(page.getByRole("heading", { name: "3 rows" })).toBeVisible();
    await expect(page.getByRole("row").nth(1)).toContainText("<script>alert(1)</script>");
    await expect(page.getByText("$0.0049, Athena’s query 0f1e2d3c")).toBeVisible();
    await page.getByText("sessions a session").click();
    for (const [index, viewport] of sizes.entries()) {
      await page.setViewportSize(viewport);
      await page.screenshot({
        path: path.join(shots, `sql-rows-${viewport.width}-${colorScheme}.png`),
        fullPage: true,
      });
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), `${index}`).toBe(0);
      expect(await violations(page)).toEqual([]);
    }
    await page.setViewportSize(sizes[0]);
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "CSV" }).click(),
    ]);
    const csv = readFileSync(await file.path(), "utf8");
    expect(csv).toBe(
      `user_agent,calls,region\r\n<script>alert(1)</script>,1000,eu-central-1\r\n"'=HYPERLINK(""https://x.test"")",999,eu-central-1\r\n<script>alert(1)</script>,998,\r\n`,
    );
    await run("select many from events");
    await expect(page.locator("tbody tr")).toHaveCount(500);
    await page.getByRole("button", { name: "Show all 1,234" }).click();
    await expect(page.locator("tbody tr")).toHaveCount(1_234);
    await run("select nothing");
    await expect(page.getByText("The statement was answered whole")).toBeVisible();
    expect(heard).toEqual([]);
    await run("drop table events");
    await expect(page.getByRole("alert").first()).toContainText("The SQL was not run. The SQL is no single SELECT.");
    await expect(page.getByRole("alert").first()).toContainText("It had read 2.0 GB for $0.01.");
    await expect(page.getByRole("table")).toHaveCount(0);
    expect(await violations(page)).toEqual([]);
    expect(page.url()).toBe(`${app.url}/trail/sql`);
    await context.close();
  });

test.describe("without script", () => {
  test("pages are whole: the matrix's cells are links that fill the inspector", async ({ app, browser }) => {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: sizes[0] });
    await app.signIn(context);
    const page = await context.newPage();
    await page.goto(`${app.url}/trail/who-assumed-which-role`);
    const cell = page.locator("a.cell").last();
    const words = (await cell.getAttribute("aria-label")) ?? "";
    await cell.click();
    await expect(page.locator("#inspector h2")).toContainText(words.split(" to ")[0] ?? "");
    await context.close();
  });

  test("the theme that was set is in the first paint, against the system's", async ({ app, browser }) => {
    const context = await browser.newContext({ colorScheme: "light", viewport: sizes[0] });
    await app.signIn(context);
    await context.addCookies([{ name: "roletrail-theme", value: "dark", url: app.url }]);
    const page = await context.newPage();
    await page.goto(`${app.url}/`);
    const paper = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    expect(paper).toBe("rgb(14, 16, 18)");
    await context.close();
  });

  test("text from the log stays text", async ({ app, browser }) => {
    const context = await browser.newContext({ viewport: sizes[0] });
    await app.signIn(context);
    const page = await context.newPage();
    await page.goto(`${app.url}/trail/denied-assumptions`);
    await expect(page.getByText("<script>alert(1)</script>").first()).toBeAttached();
    expect(await page.locator("td script").count()).toBe(0);
    await page.goto(`${app.url}/trail`);
    await expect(page.locator("svg.flow").getByText("__proto__").first()).toBeAttached();
    await context.close();
  });
});
