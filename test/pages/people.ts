import type { Browser, BrowserContext, Page } from "@playwright/test";
import { expect } from "@playwright/test";
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
  await page.getByRole("button", { name: /sign in/i }).click();
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
  await page.getByLabel(/^Reason/).fill(reason);
  await page.getByRole("button", { name: "Get credentials" }).click();
  await page.getByRole("button", { name: "Reveal" }).click();
  const shown = await page.getByTestId("credentials").first().innerText();
  // Left on purpose: the page asks before it loses what was not copied.
  page.once("dialog", (dialog) => void dialog.accept());
  return shown;
}
