import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { GetRolePolicyCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { type Signin, startSignin } from "#/sandbox/signin/provider.ts";
import { cast } from "#/sandbox/story/cast.ts";
import { allow, makeAccount, makeRole, makeUser, policy, type Started, startSandbox, trust } from "../sandbox/start.ts";
import { clients, type Keys, keysFromShell, outcome, whoAmI } from "./aws.ts";
import { mintOnPage, revokeOnPage, shows } from "./people.ts";
import { press } from "./press.ts";
import { freePorts, type Product, startProduct } from "./product.ts";

/**
 * `npm start -- --aws` as a company's laptop runs it: ambient credentials, a trail in a bucket, the company's own sign-in.
 * AWS is played by a second sandbox account that knows nothing of this product; the SDK's own variables lead there.
 */
const account = "222233334444";
const company = "https://login.northwharf.example.com";
const arn = (name: string): string => `arn:aws:iam::${account}:role/${name}`;
const reader = { account, name: "Reader" };
const engineer = { account, name: "Engineer" };
let aws: Started;
let signin: Signin;
let product: Product;
let home: string;

test.beforeAll(async () => {
  test.setTimeout(300_000);
  home = mkdtempSync(path.join(tmpdir(), "roletrail-aws-"));
  aws = await startSandbox({ organisation: companyAccount() });
  const port = await freePorts();
  const keysFile = path.join(home, "signin.json");
  signin = await startSignin({ port: port + 1, appPort: port, cast, company: "Northwharf", issuer: company, keysFile });
  const access = path.join(home, "access.yaml");
  writeFileSync(access, JSON.stringify(accessFile()));
  const key = aws.key("company/laptop");
  product = await startProduct(
    [
      "--aws",
      "--trail",
      "s3://company-trail",
      "--access",
      access,
      "--issuer-check",
      "off",
      "--oidc-discovery",
      `${signin.url}/.well-known/openid-configuration`,
    ],
    {
      home,
      port,
      environment: {
        AWS_ENDPOINT_URL: aws.url,
        AWS_REGION: "eu-west-1",
        AWS_ACCESS_KEY_ID: key.accessKeyId,
        AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
        AWS_CONFIG_FILE: "/dev/null",
        AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      },
    },
  );
  // What whoever runs it does once: the issuer's two files go to its host, where STS reads them (docs/issuer.md).
  cpSync(path.join(product.world, "issuer"), path.join(aws.world, "issuer"), { recursive: true });
});

test.afterAll(async () => {
  await product?.stop();
  await signin?.close();
  await aws?.close();
  if (home !== undefined) rmSync(home, { recursive: true, force: true });
});

/** One account with its own trail, a machine's IAM user, roles as onboarding makes them. */
function companyAccount() {
  const laptop = `arn:aws:iam::${account}:user/laptop`;
  const may = { Work: policy(allow(["iam:List*", "iam:Get*"])) };
  const web = trust(
    { Federated: `arn:aws:iam::${account}:oidc-provider/issuer.roletrail.test` },
    {
      StringEquals: { "issuer.roletrail.test:aud": "sts.amazonaws.com" },
      StringLike: { "issuer.roletrail.test:sub": `${account}:Reader:*` },
      "ForAllValues:StringEquals": { "aws:TagKeys": ["RoletrailMint"] },
    },
    ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"],
  );
  const looks = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:PutRolePolicy"];
  const own = allow(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"], `arn:aws:iam::${account}:role/*`);
  const reads = allow(
    ["s3:ListBucket", "s3:GetObject"],
    ["arn:aws:s3:::company-trail", "arn:aws:s3:::company-trail/*"],
  );
  return {
    id: "o-company0001",
    logArchiveAccount: account,
    trailName: "company",
    trailBucket: "company-trail",
    homeRegion: "eu-west-1",
    accounts: [
      makeAccount(account, "company", {
        users: [makeUser("laptop", { Broker: policy(own, reads) })],
        roles: [
          makeRole("Reader", web, { inlinePolicies: may, maxSessionSeconds: 43_200 }),
          makeRole("Engineer", trust(laptop), { inlinePolicies: may, maxSessionSeconds: 14_400 }),
          makeRole("RoletrailRevoker", trust(laptop), { inlinePolicies: { all: policy(allow(looks)) } }),
        ],
        oidcProviders: [{ url: "issuer.roletrail.test", clientIds: ["sts.amazonaws.com"], thumbprints: [] }],
        buckets: [{ name: "company-trail", region: "eu-west-1", createdAt: "2026-01-01T00:00:00Z" }],
      }),
    ],
  };
}

/** JSON is YAML. */
const accessFile = () => ({
  version: 1,
  issuers: [{ issuer: company, client_id: "roletrail" }],
  accounts: [{ id: account, name: "company", region: "eu-west-1", revoker: arn("RoletrailRevoker") }],
  roles: [
    { arn: arn("Reader"), road: "web-identity", max_seconds: 43_200 },
    { arn: arn("Engineer"), road: "assume-role", max_seconds: 14_400 },
  ],
  grants: [{ name: "data", groups: ["data"], roles: [arn("Reader"), arn("Engineer")] }],
  powers: [{ groups: ["security"], may: ["see-all", "revoke"], accounts: "*" }],
});

/** By the terminal's one-time link, then the company's sign-in: the second person sits at the same machine. */
async function signedIn(browser: Browser, name: string, opened?: Page): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  if (opened === undefined) await page.goto(await printedLink());
  else {
    await context.addCookies((await opened.context().cookies()).filter((cookie) => cookie.name.startsWith("link-")));
    await page.goto(`${product.run.app_url}/`);
  }
  await press(page.getByRole("button", { name: /^Sign in/ }));
  await page.getByRole("button", { name: new RegExp(`^${name}`) }).click();
  await expect(page).toHaveURL(`${product.run.app_url}/`);
  return page;
}

async function printedLink(): Promise<string> {
  const printed = (): string =>
    /http:\/\/localhost:\d+\/\S+/.exec(product.output().split("Open it once")[1] ?? "")?.[0] ?? "";
  await expect.poll(printed).not.toBe("");
  return printed();
}

const call = (keys: Keys): Promise<string> => outcome(clients(aws.url, keys).iam.send(new ListRolesCommand({})));

test("the start says whose account it mints in and what it reads, and that this is real", async () => {
  const real = `Minting and revoking as this machine's identity in AWS account ${account}. This is real.`;
  await expect.poll(product.output).toContain(`${real}\nReading s3://company-trail.`);
  const run = JSON.parse(readFileSync(path.join(product.world, "run.json"), "utf8"));
  expect(run).toMatchObject({ world: `aws-${account}`, people: [] });
  expect(product.run.aws_url).toBeUndefined();
});

test("sign in, mint by both roads, use, see it from the bucket's trail, revoke, and the old session is denied", async ({
  browser,
}) => {
  test.setTimeout(120_000);
  const mara = await signedIn(browser, "Mara Oyelaran");
  await expect(mara.getByText("SIMULATED")).toHaveCount(0);
  const ilse = await signedIn(browser, "Ilse Brandt", mara);
  const main = ilse.getByRole("main");

  const web = keysFromShell(await mintOnPage(mara, product.run, reader, "quarterly report"));
  const assumed = keysFromShell(await mintOnPage(mara, product.run, engineer, "the pipeline"));
  expect(await whoAmI(aws.url, web)).toMatch(new RegExp(`${account}:assumed-role/Reader/mara\\.oyelaran\\.`));
  expect(await whoAmI(aws.url, assumed)).toMatch(/assumed-role\/Engineer\/mara\.oyelaran\./);
  expect([await call(web), await call(assumed)]).toEqual(["allowed", "allowed"]);

  // The functions read the bucket by the ambient key, as any s3:// trail.
  for (const keys of [web, assumed])
    await shows(ilse, `${product.run.app_url}/sessions/${keys.accessKeyId}`, async () => {
      await expect(main).toContainText("ListRoles", { timeout: 2_000 });
      await expect(main).toContainText("Mara Oyelaran", { timeout: 1_000 });
    });
  await ilse.goto(`${product.run.app_url}/trail/who-assumed-which-role?range=24h`);
  await expect(main).toContainText("Engineer");

  await ilse.goto(`${product.run.app_url}/roles/${account}/Engineer/revoke`);
  await revokeOnPage(ilse, "a laptop was left on a train");
  const revocation = ilse.url();
  expect([await call(web), await call(assumed)]).toEqual(["allowed", "AccessDenied"]);
  const written = await clients(aws.url, web).iam.send(
    new GetRolePolicyCommand({ RoleName: "Engineer", PolicyName: "AWSRevokeOlderSessions" }),
  );
  expect(decodeURIComponent(written.PolicyDocument ?? "")).toContain("aws:TokenIssueTime");
  await shows(ilse, revocation, async () => {
    await expect(ilse.getByRole("heading", { level: 1 })).toContainText(/^1 of 1 bitten/, { timeout: 2_000 });
  });

  // The machine's own key does what its policy says and no more: every call of the product is in the company's trail.
  const called = new Set(
    aws
      .records()
      .filter(({ userIdentity }) => userIdentity.userName === "laptop")
      .map(({ eventName }) => eventName),
  );
  expect([...called].sort()).toEqual(["AssumeRole", "GetCallerIdentity"]);
  for (const page of [mara, ilse]) await page.context().close();
});

test("the machine's key is in no log and no ledger, and the web process was never given it", () => {
  const { secretAccessKey } = aws.key("company/laptop");
  expect(product.output()).not.toContain(secretAccessKey);
  for (const name of readdirSync(product.world).filter((file) => file.startsWith("store.db")))
    expect(readFileSync(path.join(product.world, name)).includes(secretAccessKey)).toBe(false);
  // Linux shows what a process was started with.
  if (process.platform !== "linux") return;
  const given = (name: string): string => readFileSync(`/proc/${product.run.pids[name]}/environ`, "utf8");
  expect(given("functions")).toContain(secretAccessKey);
  expect(given("web")).not.toMatch(/secret-of-laptop|AWS_ACCESS_KEY_ID|AWS_ENDPOINT_URL/);
});
