import { expect, type Page, test } from "@playwright/test";
import { alive, press } from "./press.ts";
import { choose, type SigninProduct, signIn, startSigninProduct, watched } from "./signin-product.ts";

/** Tokens that live four seconds: every deed made after two of them must renew the sign-in first. */
let product: SigninProduct;

test.beforeAll(async () => {
  product = await startSigninProduct({ idTokenSeconds: 4 });
});

test.afterAll(async () => {
  await product.stop();
});

const rolePage = "/roles/111122223333/DataAnalyst";

/** Waits by the product's own word that the sign-in is stale, not by a clock of ours. */
async function stale(page: Page): Promise<void> {
  await expect
    .poll(async () => (await (await page.request.get(`${product.app}/session/bond`)).json()).stale)
    .toBe(true);
}

test("a deed with a stale sign-in renews it silently and comes back to the form as it was left", async ({
  browser,
}) => {
  const { context, page, addresses, violations } = await watched(browser);
  await signIn(page, product, "Mara Oyelaran", rolePage);
  await expect(page).toHaveURL(`${product.app}${rolePage}`);
  await stale(page);
  await (await alive(page.getByLabel(/^Reason/))).fill("quarterly churn report");
  const before = addresses.length;
  await press(page.getByRole("button", { name: "Get credentials" }));
  await expect.poll(() => addresses.slice(before).some((url) => url.includes("prompt=none"))).toBe(true);
  await expect(page).toHaveURL(`${product.app}${rolePage}`);
  await expect(page.getByLabel(/^Reason/)).toHaveValue("quarterly churn report");
  expect(addresses.slice(before).filter((url) => url.includes("/api/v1/credentials"))).toEqual([]);
  expect(violations).toEqual([]);
  await context.close();
});

test("short tokens do not spin a page: it draws once, and renews no more often than every thirty seconds", async ({
  browser,
}) => {
  const { context, page, addresses } = await watched(browser);
  await signIn(page, product, "Mara Oyelaran");
  await expect(page).toHaveURL(`${product.app}/`);
  await stale(page);
  for (let load = 0; load < 3; load += 1) {
    await page.goto(`${product.app}/sessions`);
    await expect(page).toHaveURL(`${product.app}/sessions`);
  }
  expect(addresses.filter((url) => url.includes("prompt=none"))).toEqual([]);
  await context.close();
});

test("two tabs renewing at once both draw", async ({ browser }) => {
  const { context, page, addresses } = await watched(browser);
  await signIn(page, product, "Ilse Brandt");
  await expect(page).toHaveURL(`${product.app}/`);
  const second = await context.newPage();
  for (let round = 0; round < 3; round += 1) {
    await product.loseVault();
    await Promise.all([page.goto(`${product.app}/sessions`), second.goto(`${product.app}/revocations`)]);
    await expect(page).toHaveURL(`${product.app}/sessions`);
    await expect(second).toHaveURL(`${product.app}/revocations`);
  }
  expect(addresses.some((url) => url.includes("prompt=none"))).toBe(true);
  await context.close();
});

test("at the company's page a second visit asks nothing", async ({ browser }) => {
  const { context, page } = await watched(browser);
  await signIn(page, product, "Ilse Brandt");
  await expect(page).toHaveURL(`${product.app}/`);
  await context.clearCookies({ domain: "localhost" });
  await page.goto(`${product.app}/sessions`);
  await press(page.getByRole("button", { name: /^Sign in/ }));
  await expect(page).toHaveURL(`${product.app}/sessions`);
  await context.clearCookies();
  await page.goto(`${product.app}/sessions`);
  await press(page.getByRole("button", { name: /^Sign in/ }));
  await choose(page, "Teo Park");
  await expect(page).toHaveURL(`${product.app}/sessions`);
  await context.close();
});
