import { ListRolesCommand } from "@aws-sdk/client-iam";
import { GetObjectCommand, ListBucketsCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { expect, type Page, test } from "@playwright/test";
import { clients, type Keys, keysFromShell, outcome, whoAmI } from "./aws.ts";
import { mintOnPage, signedIn } from "./people.ts";
import { shared } from "./world.ts";

const { run } = shared();
const role = { account: "111122223333", name: "DataAnalyst" };
const within = { timeout: 15_000 };

/** Reloads until the page shows it: a call is on the charts within seconds, and a page is drawn for its request. */
async function shows(page: Page, url: string, what: () => Promise<void>): Promise<void> {
  await expect(async () => {
    await page.goto(url);
    await what();
  }).toPass({ timeout: 20_000, intervals: [1_000] });
}

async function readsALakeObject(keys: Keys): Promise<string> {
  const { s3 } = clients(run.aws_url, keys);
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: "northwharf-lake" }));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: "northwharf-lake", Key: Contents?.[0]?.Key ?? "" }));
  return (await Body?.transformToString()) ?? "";
}

test("sign in, mint, use, see it in the charts, revoke, and the old session is denied", async ({ browser }) => {
  test.setTimeout(600_000);
  const mara = await signedIn(browser, run, "Mara Oyelaran");
  const ilse = await signedIn(browser, run, "Ilse Brandt");

  // Two sessions: one is used, one is never used again.
  const used = keysFromShell(await mintOnPage(mara.page, run, role, "quarterly churn report"));
  const quiet = keysFromShell(await mintOnPage(mara.page, run, role, "a second shell"));
  expect(await whoAmI(run.aws_url, used)).toMatch(/assumed-role\/DataAnalyst\/mara\.oyelaran\./);
  expect(await outcome(clients(run.aws_url, used).iam.send(new ListRolesCommand({})))).toBe("allowed");
  expect(await outcome(clients(run.aws_url, quiet).s3.send(new ListBucketsCommand({})))).toBe("allowed");
  expect((await readsALakeObject(used)).length).toBeGreaterThan(0);

  // Ilse sees who assumed which role, and what the session did; the S3 read cannot be seen, and the page says so.
  await shows(ilse.page, `${run.app_url}/trail/who-assumed-which-role?range=24h`, async () => {
    await expect(ilse.page.getByRole("main")).toContainText("DataAnalyst", within);
  });
  const session = `${run.app_url}/sessions/${used.accessKeyId}`;
  await shows(ilse.page, session, async () => {
    await expect(ilse.page.getByRole("main")).toContainText("ListRoles", { timeout: 2_000 });
  });
  await expect(ilse.page.getByRole("main")).toContainText("Mara Oyelaran");
  await expect(ilse.page.getByRole("main")).not.toContainText("GetObject");
  await expect(ilse.page.getByRole("main")).toContainText(/not observable|not recorded/i);

  // Ilse revokes: the page says first whom it hits.
  await ilse.page.goto(`${run.app_url}/roles/${role.account}/${role.name}/revoke`);
  await expect(ilse.page.getByRole("main")).toContainText("AWSRevokeOlderSessions");
  await ilse.page.getByLabel(/^Reason/).fill("a laptop was left on a train");
  await ilse.page.getByRole("button", { name: /^Revoke \d+ sessions?$/ }).click();
  await expect(ilse.page).toHaveURL(/\/revocations\/v_/);
  const revocation = ilse.page.url();

  // Frozen until the cutoff is past: the page says until when.
  await mara.page.goto(`${run.app_url}/roles/${role.account}/${role.name}`);
  await expect(mara.page.getByRole("main")).toContainText(/mints again|does not mint/);

  // The old session is denied by the policy; GetCallerIdentity always answers. An unrelated denial bites nothing.
  const denied = await clients(run.aws_url, used)
    .iam.send(new ListRolesCommand({}))
    .then(() => "allowed")
    .catch((error: Error) => `${error.name}: ${error.message}`);
  expect(denied).toMatch(/^AccessDenied: .*explicit deny in an identity-based policy/);
  expect(await whoAmI(run.aws_url, used)).toContain("DataAnalyst");

  await expect(async () => {
    await mara.page.goto(`${run.app_url}/roles/${role.account}/${role.name}`);
    await expect(mara.page.getByRole("button", { name: "Get credentials" })).toBeEnabled({ timeout: 1_000 });
  }).toPass({ timeout: 60_000, intervals: [2_000] });
  const again = keysFromShell(await mintOnPage(mara.page, run, role, "and on with the report"));
  expect(await outcome(clients(run.aws_url, again).iam.send(new ListRolesCommand({})))).toBe("allowed");
  expect(await outcome(clients(run.aws_url, used).iam.send(new ListRolesCommand({})))).toMatch(/AccessDenied/);

  await shows(ilse.page, revocation, async () => {
    await expect(ilse.page.getByRole("heading", { level: 1 })).toContainText(/^1 of \d+ bitten/, { timeout: 2_000 });
  });
  await mara.context.close();
  await ilse.context.close();
});
