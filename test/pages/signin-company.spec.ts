import { createHash } from "node:crypto";
import { expect, test } from "@playwright/test";
import { objectIdOf } from "#/sandbox/signin/people.ts";
import { signinIssuer } from "#/sandbox/signin/provider.ts";
import { cast } from "#/sandbox/story/cast.ts";
import { press } from "./press.ts";
import { type SigninProduct, signIn, startSigninProduct, watched } from "./signin-product.ts";

/** As a company runs it: TLS before the app, a confidential client, people known by the directory's id. */
let product: SigninProduct;

test.beforeAll(async () => {
  product = await startSigninProduct({ company: true });
});

test.afterAll(async () => {
  await product.stop();
});

test("behind TLS every cookie is the host's own and secure, and no other site's script or plain request carries it", async ({
  browser,
}) => {
  const { context, page, violations } = await watched(browser);
  await page.goto(`${product.app}/sessions`);
  await press(page.getByRole("button", { name: /^Sign in/ }));
  await page.getByRole("heading", { name: "Sign in to Northwharf" }).waitFor();
  const onTheWay = (await context.cookies()).filter(({ name }) => name.includes("flow-roletrail"));
  expect(onTheWay.map(({ name }) => name.slice(0, 9))).toEqual(["__Secure-"]);
  expect(onTheWay.every(({ secure, httpOnly, sameSite }) => secure && httpOnly && sameSite === "Lax")).toBe(true);
  await page.getByRole("button", { name: /^Ilse Brandt/ }).click();
  await expect(page).toHaveURL(`${product.app}/sessions`);
  const kept = (await context.cookies(product.app)).filter(({ name }) => name.includes("roletrail"));
  expect(kept.map(({ name }) => name)).toContain("__Host-roletrail-sandbox");
  for (const { name, secure, httpOnly, path, sameSite } of kept.filter((each) => each.name.startsWith("__Host-")))
    expect({ name, secure, httpOnly, path, sameSite }).toEqual({
      name,
      secure: true,
      httpOnly: true,
      path: "/",
      sameSite: "Lax",
    });
  const answer = await page.request.get(`${product.app}/sessions`);
  expect(answer.headers()["strict-transport-security"]).toMatch(/^max-age=\d{8}/);
  expect(violations).toEqual([]);
  await context.close();
});

test("with a client secret the code is changed for a token, and a person is who the directory's id says", async ({
  browser,
}) => {
  const { context, page } = await watched(browser);
  await signIn(page, product, "Mara Oyelaran");
  await expect(page).toHaveURL(`${product.app}/`);
  const mara = cast.find(({ name }) => name === "Mara Oyelaran");
  const origin = (claim: string): string => createHash("sha256").update(`${signinIssuer}\n${claim}`).digest("hex");
  const known = await product.origins();
  expect(known).toContain(origin(objectIdOf(mara?.sub ?? "")));
  expect(known).not.toContain(origin(mara?.sub ?? ""));
  await context.close();
});

test("signing out ends the session behind TLS, too", async ({ browser }) => {
  const { context, page } = await watched(browser);
  await signIn(page, product, "Teo Park");
  await expect(page).toHaveURL(`${product.app}/`);
  await press(page.getByRole("button", { name: /Teo Park/ }));
  await page.getByRole("menuitem", { name: "Sign out", exact: true }).click();
  await expect(page).toHaveURL(/\/signin/);
  expect((await context.cookies(product.app)).map(({ name }) => name)).not.toContain("__Host-roletrail-sandbox");
  await context.close();
});
