import {
  CloudTrailClient,
  type EventSelector,
  GetEventSelectorsCommand,
  PutEventSelectorsCommand,
} from "@aws-sdk/client-cloudtrail";
import { CreateUserCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { GetObjectCommand, ListBucketsCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { clients, type Keys, keysFromShell, outcome, whoAmI } from "./aws.ts";
import { deliver } from "./deliver.ts";
import { mintOnPage, revokeOnPage, rowOf, shows, signedIn } from "./people.ts";
import { press } from "./press.ts";
import { proofIn } from "./proof.ts";
import { shared } from "./world.ts";

const { run } = shared();
const role = { account: "111122223333", name: "DataAnalyst" };
const roleArn = `arn:aws:iam::${role.account}:role/${role.name}`;
const within = { timeout: 60_000 };

async function readsALakeObject(keys: Keys): Promise<string> {
  const { s3 } = clients(run.aws_url, keys);
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: "northwharf-lake" }));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: "northwharf-lake", Key: Contents?.[0]?.Key ?? "" }));
  return (await Body?.transformToString()) ?? "";
}

/** The organisation trail's selectors for this key's account, by any AWS tool. */
function selectors(keys: Keys) {
  const trail = "organisation";
  const client = new CloudTrailClient({
    endpoint: run.aws_url,
    region: "eu-central-1",
    credentials: keys,
    maxAttempts: 1,
  });
  return {
    now: async () => (await client.send(new GetEventSelectorsCommand({ TrailName: trail }))).EventSelectors ?? [],
    put: (EventSelectors: EventSelector[]) =>
      client.send(new PutEventSelectorsCommand({ TrailName: trail, EventSelectors })),
  };
}

const readsOfTheLake: EventSelector = {
  ReadWriteType: "All",
  IncludeManagementEvents: true,
  DataResources: [{ Type: "AWS::S3::Object", Values: ["arn:aws:s3:::northwharf-lake/"] }],
};

const call = (keys: Keys): Promise<string> =>
  clients(run.aws_url, keys)
    .iam.send(new ListRolesCommand({}))
    .then(() => "allowed")
    .catch((error: Error) => `${error.name}: ${error.message}`);

/** A denial of this session that no identity policy spoke: as S3 reports the deny of a bucket's own policy. */
async function deliverBucketDeny(keys: Keys): Promise<void> {
  const { Arn = "", UserId = "" } = await clients(run.aws_url, keys).sts.send(new GetCallerIdentityCommand({}));
  deliver(run, role.account, {
    userIdentity: {
      type: "AssumedRole",
      principalId: UserId,
      arn: Arn,
      accountId: role.account,
      accessKeyId: keys.accessKeyId,
      sessionContext: {
        sessionIssuer: {
          type: "Role",
          principalId: UserId.split(":")[0],
          arn: roleArn,
          accountId: role.account,
          userName: role.name,
        },
      },
    },
    eventSource: "s3.amazonaws.com",
    eventName: "GetBucketPolicy",
    sourceIPAddress: "192.0.2.78",
    userAgent: "aws-cli/2.31",
    errorCode: "AccessDenied",
    errorMessage: `User: ${Arn} is not authorized to perform: s3:GetBucketPolicy on resource: "arn:aws:s3:::northwharf-lake" with an explicit deny in a resource-based policy`,
  });
}

test("sign in, mint, use, see it in the charts, revoke, and the old session is denied", async ({ browser }) => {
  test.setTimeout(600_000);
  const mara = await signedIn(browser, run, "Mara Oyelaran");
  const ilse = await signedIn(browser, run, "Ilse Brandt");
  const main = ilse.page.getByRole("main");
  // The navigation leads nobody to a page that is not there for them.
  const entry = (page: Page): Locator =>
    page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Denied" });
  await expect(entry(ilse.page)).toHaveCount(1);
  await expect(entry(mara.page)).toHaveCount(0);
  const seen = (url: string, what: string): Promise<void> =>
    shows(ilse.page, url, () => expect(main).toContainText(what, { timeout: 2_000 }));

  // Four sessions: one is used and used again; one is never used again; one was denied before, for another reason; one
  // is denied afterwards by something else than the revocation.
  const used = keysFromShell(await mintOnPage(mara.page, run, role, "quarterly churn report"));
  const quiet = keysFromShell(await mintOnPage(mara.page, run, role, "a second shell"));
  const wandering = keysFromShell(await mintOnPage(mara.page, run, role, "a third shell"));
  const elsewhere = keysFromShell(await mintOnPage(mara.page, run, role, "a fourth shell"));
  expect(await whoAmI(run.aws_url, used)).toMatch(/assumed-role\/DataAnalyst\/mara\.oyelaran\./);
  expect(await call(used)).toBe("allowed");
  expect(await outcome(clients(run.aws_url, quiet).s3.send(new ListBucketsCommand({})))).toBe("allowed");
  expect(await call(elsewhere)).toBe("allowed");
  const unrelated = new CreateUserCommand({ UserName: "nobody" });
  expect(await outcome(clients(run.aws_url, wandering).iam.send(unrelated))).toMatch(/^AccessDenied/);
  expect((await readsALakeObject(used)).length).toBeGreaterThan(0);

  // Ilse sees who assumed which role, and what the session did; the S3 read cannot be seen, and the page says so.
  await seen(`${run.app_url}/trail/who-assumed-which-role?range=24h`, "DataAnalyst");
  const session = `${run.app_url}/sessions/${used.accessKeyId}`;
  await seen(session, "ListRoles");
  await expect(main).toContainText("Mara Oyelaran");
  await expect(main).not.toContainText("GetObject");
  await expect(main).toContainText("calls on data are not observable here");

  // She has the account's data events recorded; from then on a read of the same session is a call like any other.
  const responder = { account: role.account, name: "IncidentResponse" };
  const hers = keysFromShell(await mintOnPage(ilse.page, run, responder, "see what is read"));
  const before = await selectors(hers).now();
  await selectors(hers).put([readsOfTheLake]);
  try {
    expect((await readsALakeObject(used)).length).toBeGreaterThan(0);
    await seen(session, "GetObject");
    await expect(main.getByRole("row", { name: /GetObject/ })).toContainText("data event");
    await expect(main).toContainText("data events are recorded here");
  } finally {
    await selectors(hers).put(before);
  }

  // Ilse revokes: the page says first whom it hits.
  await ilse.page.goto(`${run.app_url}/roles/${role.account}/${role.name}/revoke`);
  await expect(main).toContainText("AWSRevokeOlderSessions");
  await revokeOnPage(ilse.page, "a laptop was left on a train");
  const revocation = ilse.page.url();

  // Frozen until the cutoff is past: the page says until when.
  await mara.page.goto(`${run.app_url}/roles/${role.account}/${role.name}`);
  await expect(mara.page.getByRole("main")).toContainText(/mints again|does not mint/);

  // The old session is denied by the policy; GetCallerIdentity always answers.
  expect(await call(used)).toMatch(/^AccessDenied: .*explicit deny in an identity-based policy/);
  expect(await whoAmI(run.aws_url, quiet)).toContain("DataAnalyst");
  await deliverBucketDeny(elsewhere);

  await expect(async () => {
    await mara.page.goto(`${run.app_url}/roles/${role.account}/${role.name}`);
    await expect(mara.page.getByRole("button", { name: "Get credentials" })).toBeEnabled({ timeout: 1_000 });
  }).toPass({ timeout: 60_000, intervals: [2_000] });
  const again = keysFromShell(await mintOnPage(mara.page, run, role, "and on with the report"));
  expect(await call(again)).toBe("allowed");
  expect(await outcome(clients(run.aws_url, again).iam.send(unrelated))).toMatch(/^AccessDenied/);
  expect(await call(used)).toMatch(/AccessDenied/);

  // One bit. What was denied for another reason, before or after, and what was never used again, did not.
  await seen(`${run.app_url}/sessions/${again.accessKeyId}`, "CreateUser");
  await shows(ilse.page, revocation, async () => {
    await expect(ilse.page.getByRole("heading", { level: 1 })).toContainText(/^1 of \d+ bitten, 1 denied otherwise/, {
      timeout: 2_000,
    });
  });
  await expect(await rowOf(ilse.page, run, used)).toContainText("bitten");
  await expect(await rowOf(ilse.page, run, elsewhere)).toContainText("denied otherwise");
  for (const silent of [quiet, wandering]) {
    const row = await rowOf(ilse.page, run, silent);
    await expect(row).toContainText("quiet", within);
    await expect(row).not.toContainText(/bitten|denied/);
  }
  await expect(await rowOf(ilse.page, run, again)).toHaveCount(0);
  await mara.context.close();
  await ilse.context.close();
});

/** The engineer's own request from their own browser, with a proof by their own key: everything but the right. */
async function revokesByHand(page: Page, arn: string) {
  const body = { reason: "I should not be able to", role: arn };
  const answer = await page.context().request.post(`${run.app_url}/api/v1/revocations`, {
    headers: {
      origin: run.app_url,
      "content-type": "application/json",
      "roletrail-proof": await proofIn(page, "revoke", body),
    },
    data: body,
  });
  return { status: answer.status(), problem: await answer.json() };
}

test("an engineer's own POST to the revocations API answers as for a role that does not exist", async ({ browser }) => {
  const { context, page } = await signedIn(browser, run, "Mara Oyelaran");
  const absent = `arn:aws:iam::${role.account}:role/NoSuchRole`;
  const forbidden = await revokesByHand(page, roleArn);
  const missing = await revokesByHand(page, absent);
  expect(missing).toMatchObject({ status: 404, problem: { code: "role.unknown" } });
  const { id, detail, ...rest } = forbidden.problem;
  expect(id).not.toBe(missing.problem.id);
  // The role that was asked for is the only other word that differs.
  expect({
    status: forbidden.status,
    problem: { ...rest, detail: detail.replaceAll(roleArn, absent).replaceAll("DataAnalyst", "NoSuchRole") },
  }).toEqual({ ...missing, problem: { ...missing.problem, id: undefined } });
  await page.goto(`${run.app_url}/roles/${role.account}/${role.name}/revoke`);
  await expect(page.getByRole("heading", { level: 1 })).not.toContainText("Revoke older sessions");
  await context.close();
});

test("credentials stand in every tab with their secrets masked, beside what was checked before", async ({
  browser,
}) => {
  const { context, page } = await signedIn(browser, run, "Mara Oyelaran");
  await page.goto(`${run.app_url}/roles/444455556666/ReadOnly`);
  await expect(page).toHaveTitle("ReadOnly · Roletrail");
  await expect(page.getByRole("heading", { name: "Checked before you press", exact: true })).toBeVisible();
  await press(page.getByRole("button", { name: "Get credentials" }));
  await expect(page.getByRole("heading", { name: "Checked before you pressed" })).toBeVisible(within);
  await page.setViewportSize({ width: 375, height: 812 });
  for (const tab of await page.getByRole("tab").all()) {
    await tab.click();
    const panel = page.getByRole("tabpanel", { name: await tab.innerText(), exact: true });
    await expect(panel).toContainText(/•{28} \d+ characters|Open the AWS console/);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0);
  }
  await context.close();
});
