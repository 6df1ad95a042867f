import type { Browser, BrowserContext, Locator, Page } from "@playwright/test";
import { expect } from "@playwright/test";
import type { Keys } from "./aws.ts";
import { alive, press } from "./press.ts";
import type { Run } from "./product.ts";

/** A browser of one's own, signed in through the company's provider as this person. */
export async function signedIn(
  browser: Browser,
  run: Run,
  name: string,
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(run.app_url);
  await press(page.getByRole("button", { name: /sign in/i }));
  await page.getByRole("button", { name: new RegExp(`^${name}`) }).click();
  await expect(page).toHaveURL(`${run.app_url}/`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  return { context, page };
}

/** Asks for credentials on the role's page as a person does, and reads what Reveal shows. */
export async function mintOnPage(
  page: Page,
  run: Run,
  role: { account: string; name: string },
  reason: string,
): Promise<string> {
  await page.goto(`${run.app_url}/roles/${role.account}/${role.name}`);
  await (await alive(page.getByLabel(/^Reason/))).fill(reason);
  await press(page.getByRole("button", { name: "Get credentials" }));
  await page.getByRole("button", { name: "Reveal" }).click();
  const shown = await page.getByTestId("credentials").first().innerText();
  // Left on purpose: the page asks before it loses what was not copied.
  page.once("dialog", (dialog) => void dialog.accept());
  return shown;
}

/** Gives the reason, presses the button that says the count, and waits for the revocation's own page. */
export async function revokeOnPage(page: Page, reason: string): Promise<void> {
  await (await alive(page.getByLabel(/^Reason/))).fill(reason);
  await press(page.getByRole("button", { name: /^Revoke \d+ sessions?$/ }));
  await expect(page).toHaveURL(/\/revocations\/v_/);
}

/** The line of a revocation's page that is this key's session. */
export async function rowOf(page: Page, run: Run, keys: Keys): Promise<Locator> {
  const id = new URL(page.url()).pathname;
  const answer = await page.context().request.get(`${run.app_url}/api/v1${id}`);
  const { sessions }: { sessions: { session_id: string; access_key_id: string | null }[] } = await answer.json();
  const found = sessions.find(({ access_key_id }) => access_key_id === keys.accessKeyId)?.session_id ?? "none";
  return page.getByRole("row").filter({ has: page.locator(`a[href="/sessions/${found}"]`) });
}

/** Reloads until the page shows it: a call is on the charts within seconds, and a page is drawn for its request. */
export async function shows(page: Page, url: string, what: () => Promise<void>, timeout = 150_000): Promise<void> {
  await expect(async () => {
    await page.goto(url);
    await what();
  }).toPass({ timeout, intervals: [1_000] });
}
