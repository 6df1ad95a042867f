import { writeFileSync } from "node:fs";
import path from "node:path";
import {
  CreateRoleCommand,
  DeleteRolePolicyCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { expect, test } from "@playwright/test";
import { adminKeys, assume, clients, outcome, whoAmI } from "./aws.ts";
import { deliver } from "./deliver.ts";
import { signedIn } from "./people.ts";
import { shared } from "./world.ts";

const { run } = shared();
const admin = adminKeys(run.admin_key_file);

/** A refusal that somebody who is not Roletrail might deliver. */
function deliverRefusal(caller: string, role: string): void {
  deliver(run, admin.account, {
    userIdentity: {
      type: "IAMUser",
      principalId: "AIDAHANDMADE00000000",
      arn: caller,
      accountId: admin.account,
      accessKeyId: "AKIAHANDMADE00000000",
      userName: "hand-made",
    },
    eventSource: "sts.amazonaws.com",
    eventName: "AssumeRole",
    sourceIPAddress: "192.0.2.77",
    userAgent: "<script>alert(1)</script>",
    errorCode: "AccessDenied",
    errorMessage: `User: ${caller} is not authorized to perform: sts:AssumeRole on resource: ${role}`,
  });
}

test("a file put by hand under today's day is on the charts within 10 s, and its text stays text", async ({
  browser,
}) => {
  const { context, page } = await signedIn(browser, run, "Ilse Brandt");
  const role = `arn:aws:iam::${admin.account}:role/HandMadeTarget`;
  deliverRefusal(`arn:aws:iam::${admin.account}:user/hand-made`, role);
  const put = Date.now();
  await expect(async () => {
    await page.goto(`${run.app_url}/trail/denied-assumptions?range=24h`);
    await expect(page.getByRole("main")).toContainText("HandMadeTarget", { timeout: 500 });
  }).toPass({ timeout: 20_000, intervals: [250] });
  expect(Date.now() - put).toBeLessThan(10_000);
  await context.close();
});

test("a role of a form that no account has leads nowhere, in the usual words", async ({ browser }) => {
  const { context, page } = await signedIn(browser, run, "Ilse Brandt");
  // A log may name it, and pages link to what a log names.
  for (const address of ["/roles/1/Nobody", `/roles/${admin.account}/${encodeURIComponent("no/role\u202e")}`]) {
    await page.goto(run.app_url + address);
    await expect(page.getByRole("main")).toContainText("Nothing is here, or it is not yours to see");
  }
  await context.close();
});

test("the same deny under another policy name denies too, and deleting it restores", async () => {
  const RoleName = `Tried-${Date.now()}`;
  const { iam } = clients(run.aws_url, admin);
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: admin.account }, Action: "sts:AssumeRole" }],
  };
  const may = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "iam:List*", Resource: "*" }] };
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "May", PolicyDocument: JSON.stringify(may) }));
  const keys = await assume(run.aws_url, admin, Role?.Arn ?? "", "tester");
  const call = () => outcome(clients(run.aws_url, keys).iam.send(new ListRolesCommand({})));
  expect(await call()).toBe("allowed");
  const cutoff = new Date(Date.now() + 30_000).toISOString();
  const deny = {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Deny", Action: ["*"], Resource: ["*"], Condition: { DateLessThan: { "aws:TokenIssueTime": cutoff } } },
    ],
  };
  await iam.send(
    new PutRolePolicyCommand({ RoleName, PolicyName: "ByAnyOtherName", PolicyDocument: JSON.stringify(deny) }),
  );
  expect(await call()).toMatch(/^AccessDenied/);
  expect(await whoAmI(run.aws_url, keys)).toContain(RoleName);
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "ByAnyOtherName" }));
  expect(await call()).toBe("allowed");
});

test("an auditor writes SQL over the facts; for who may not there is no such page", async ({ browser }) => {
  const { context, page } = await signedIn(browser, run, "Ilse Brandt");
  await page.getByRole("link", { name: "SQL", exact: true }).click();
  await expect(page).toHaveURL(`${run.app_url}/trail/sql`);
  await page.getByRole("button", { name: "Run" }).click();
  await expect(page.getByRole("columnheader", { name: "role" })).toBeVisible();
  expect(await page.locator("tbody tr").count()).toBeGreaterThan(5);
  await page.getByRole("textbox", { name: "Statement" }).fill("select * from read_csv('/etc/passwd')");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("alert").first()).toContainText("The SQL was not run");
  expect(page.url()).toBe(`${run.app_url}/trail/sql`);
  await context.close();
  const other = await signedIn(browser, run, "Mara Oyelaran");
  await expect(other.page.getByRole("navigation", { name: "Pages" })).not.toContainText("SQL");
  expect((await other.page.goto(`${run.app_url}/trail/sql`))?.status()).toBe(404);
  await other.context.close();
});

test("whole answers are offered to who may export, and to nobody else", async ({ browser }) => {
  for (const [name, offered] of [
    ["Ilse Brandt", true],
    ["Mara Oyelaran", false],
  ] as const) {
    const { context, page } = await signedIn(browser, run, name);
    for (const where of ["/sessions", "/trail/sessions"]) {
      await page.goto(`${run.app_url}${where}`);
      await expect(page.getByText("SQL", { exact: true }).last()).toBeVisible();
      expect((await page.getByRole("link", { name: "CSV" }).count()) > 0, `${name} on ${where}`).toBe(offered);
    }
    const answer = await page.request.get(`${run.app_url}/trail/sessions/csv?newest=1`);
    expect(answer.status()).toBe(offered ? 200 : 404);
    await context.close();
  }
});

// `ROLETRAIL_PICTURE=1` makes the README's picture anew; other runs leave the checkout as it is.
test("the overview stands on its own as the README's picture", async ({ browser }) => {
  const { context, page } = await signedIn(browser, run, "Ilse Brandt");
  await expect(async () => {
    await page.goto(`${run.app_url}/trail`);
    await expect(page.getByRole("main")).toContainText("Sessions a day", { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  // Also where the trail is read for the first time, what the ledger knows is no outsider.
  await expect(page.getByRole("navigation", { name: "Figures" })).toContainText(
    /People[1-9]\d?and .*Outside the broker\d{4} callers/,
  );
  const picture = await page.screenshot();
  expect(picture.length).toBeGreaterThan(20_000);
  if (process.env["ROLETRAIL_PICTURE"] !== undefined)
    writeFileSync(path.resolve(import.meta.dirname, "../../docs/overview.png"), picture);
  await context.close();
});
