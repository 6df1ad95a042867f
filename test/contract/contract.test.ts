import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  CreateOpenIDConnectProviderCommand,
  IAMClient,
  ListOpenIDConnectProvidersCommand,
  ListRolesCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openIssuer } from "#/core/mint/issuer.ts";
import { isQuestion, questions } from "#/queries/catalogue.ts";
import { callsInSandbox } from "#/tools/contract/apart.ts";
import { contract, openRun } from "#/tools/contract/contract.ts";
import { type Report, writeReport } from "#/tools/contract/report.ts";
import type { Outside } from "#/tools/contract/steps.ts";
import { readTerms, type Terms } from "#/tools/contract/terms.ts";
import { accountIds, issuer, policy, type Started, startSandbox } from "../sandbox/start.ts";
import { type AthenaLake, objectsUnder, startLake } from "./lake.ts";

const account = accountIds.other;
const script = path.resolve(import.meta.dirname, "../../tools/contract-aws.mjs");
const out = mkdtempSync(path.join(tmpdir(), "contract-test-"));
let sandbox: Started;
let lake: AthenaLake;
let admin: { iam: IAMClient; s3: S3Client };
let issuerKey: string;
let ahead = 0;
const now = (): Date => new Date(Date.now() + ahead);

beforeAll(async () => {
  sandbox = await startSandbox({ now });
  lake = await startLake(path.join(sandbox.world, "s3"));
  issuerKey = path.join(out, "issuer.json");
  await openIssuer(issuer, { file: issuerKey, folder: path.join(sandbox.world, "issuer"), now });
  const key = sandbox.key("other/admin");
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: sandbox.url,
    AWS_ENDPOINT_URL_ATHENA: lake.url,
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  });
  admin = { iam: new IAMClient({}), s3: new S3Client({}) };
}, 60_000);
afterAll(async () => {
  await lake.close();
  await sandbox.close();
  rmSync(out, { recursive: true, force: true });
});

const flags = (...more: string[]): string[] => ["--account", account, "--yes", "--out", out, ...more];
const withIssuer = (): string[] => ["--issuer", issuer, "--issuer-key", issuerKey, "--issuer-check", "off"];

function termsOf(...given: string[]): Terms {
  const terms = readTerms(flags(...given));
  if (terms === null) throw new Error("only help");
  return terms;
}

/** The clock is moved on where the command waits; what the trail holds back is delivered. */
const outside = (say: (line: string) => void = () => undefined): Outside => ({
  now,
  wait: async (milliseconds) => {
    ahead += milliseconds;
    sandbox.records();
  },
  say,
  signal: new AbortController().signal,
});

async function ran(terms: Terms, say?: (line: string) => void): Promise<Report> {
  const run = await openRun(terms, outside(say));
  return contract(run, { reference: callsInSandbox(script), endpoints: [`AWS_ENDPOINT_URL=${sandbox.url}`] });
}

const endsOf = ({ steps }: Report, ...results: string[]) =>
  steps
    .filter(({ result }) => results.includes(result))
    .map(({ name, words, findings }) => ({ name, words, findings }));

/** Everything that a run could have left in the account. */
async function left(): Promise<string[]> {
  const { Roles = [] } = await admin.iam.send(new ListRolesCommand({ PathPrefix: "/roletrail-contract/" }));
  const { OpenIDConnectProviderList: providers = [] } = await admin.iam.send(new ListOpenIDConnectProvidersCommand({}));
  const { Buckets = [] } = await admin.s3.send(new ListBucketsCommand({}));
  return [
    ...Roles.map(({ RoleName }) => `role ${RoleName}`),
    ...providers.map(({ Arn }) => `provider ${Arn}`),
    ...Buckets.map(({ Name }) => `bucket ${Name}`).filter((name) => name.includes("contract")),
    ...objectsUnder(path.join(sandbox.world, "s3"), "org-trail").map((name) => `object ${name}`),
    ...[...lake.workgroups].map((name) => `workgroup ${name}`),
    ...[...lake.databases].map((name) => `database ${name}`),
  ];
}

describe("against the sandbox and the stand-in for Athena", () => {
  let report: Report;
  beforeAll(async () => {
    report = await ran(termsOf(...withIssuer(), "--wait-trail", "5"));
  }, 60_000);

  test("every step passes, and none is left out", () => {
    expect(endsOf(report, "failed", "not run")).toEqual([]);
    const names = report.steps.map(({ name }) => name);
    for (const question of Object.keys(questions).filter(isQuestion)) expect(names).toContain(`question ${question}`);
    for (const name of ["minted by web-identity", "minted by assume-role", "refused: a token of one role at another"])
      expect(names).toContain(name);
    expect(names.filter((name) => name.startsWith("refused: ")).length).toBeGreaterThan(25);
    expect(names.at(-1)).toBe("clean up");
  });

  test("nothing of it stays in the account", async () => {
    expect(await left()).toEqual([]);
  });

  test("the report says where AWS was, what it cost and what each step saw, and holds no secret", () => {
    const file = writeReport(out, report);
    const page = readFileSync(file, "utf8");
    expect(path.basename(file)).toMatch(/^contract-aws-\d{4}-\d{2}-\d{2}\.md$/);
    expect(page).toContain("**Not AWS**");
    expect(page).toMatch(/Cost\n\n\$0\.0\d+: \d+ Athena queries/);
    expect(page).toMatch(
      /the old session's next calls of IAM are denied \| .* \| passed \| [\d.]+ \| [\d.]+ s, \d+ calls allowed until then; AccessDenied: .*explicit deny/,
    );
    const json = readFileSync(file.replace(/md$/, "json"), "utf8");
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(report)));
    for (const secret of [
      process.env["AWS_SECRET_ACCESS_KEY"] ?? "",
      JSON.parse(readFileSync(issuerKey, "utf8")).keys[0].d,
    ])
      expect(page + json).not.toContain(secret);
    expect(page + json).not.toMatch(/eyJ|\bASIA[A-Z0-9]{16}/);
    expect(path.basename(writeReport(out, report))).toMatch(/-2\.md$/);
  });
});

test("an account that lets a token in where it must not is said so in a sentence, and cleaned all the same", async () => {
  const opened = {
    Effect: "Allow",
    Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/issuer.roletrail.test` },
    Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"],
    Condition: { StringEquals: { "issuer.roletrail.test:aud": "sts.amazonaws.com" } },
  };
  const edits: Promise<unknown>[] = [];
  const terms = termsOf(...withIssuer(), "--only", "roles");
  const run = await openRun(
    terms,
    outside((line) => {
      if (!line.includes("minted by web-identity")) return;
      const RoleName = run.names.roleName("other");
      edits.push(admin.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: policy(opened) })));
    }),
  );
  const report = await contract(run, { reference: callsInSandbox(script), endpoints: [] });
  await Promise.all(edits);
  expect(endsOf(report, "failed")).toEqual([
    {
      name: "refused: a token of one role at another",
      words: "AWS allowed what it must refuse. What it gave was thrown away.",
      findings: [],
    },
  ]);
  expect(report).toMatchObject({ failed: 1, not_run: 1 });
  expect(await left()).toEqual([]);
}, 60_000);

test("a bucket and a registration of the issuer that were there are used, and stay as they are", async () => {
  await admin.s3.send(new CreateBucketCommand({ Bucket: "team-data" }));
  await admin.s3.send(new PutObjectCommand({ Bucket: "team-data", Key: "roletrail-contract/of-theirs", Body: "x" }));
  // A registration of the company's own, and one that another run left.
  const tagged = (Url: string, Value: string) =>
    new CreateOpenIDConnectProviderCommand({
      Url,
      ClientIDList: ["sts.amazonaws.com"],
      Tags: [{ Key: "roletrail:contract", Value }],
    });
  await admin.iam.send(tagged("https://another.example.com", "20200101-000000"));
  await admin.iam.send(new CreateOpenIDConnectProviderCommand({ Url: issuer, ClientIDList: ["sts.amazonaws.com"] }));
  const before = await left();
  const report = await ran(termsOf(...withIssuer(), "--bucket", "team-data", "--only", "roles"));
  expect(endsOf(report, "failed")).toEqual([]);
  expect(await left()).toEqual(before);
  expect(before).toEqual([
    `provider arn:aws:iam::${account}:oidc-provider/another.example.com`,
    `provider arn:aws:iam::${account}:oidc-provider/issuer.roletrail.test`,
    "object team-data/roletrail-contract/of-theirs",
  ]);
}, 60_000);

test("without an issuer its road is reported as not run, never as passed", async () => {
  const report = await ran(termsOf("--only", "roles"));
  expect(endsOf(report, "failed")).toEqual([]);
  expect(endsOf(report, "not run").map(({ name }) => name)).toEqual([
    "the issuer is registered",
    "minted by web-identity",
    "CloudTrail's records have the shapes of the sandbox's",
  ]);
}, 60_000);

describe("as a command", () => {
  const began: ChildProcess[] = [];
  afterAll(() => {
    for (const child of began) child.kill("SIGKILL");
  });

  function command(...given: string[]): { said: () => string; child: ChildProcess; ended: Promise<number | null> } {
    const child = spawn(process.execPath, [script, ...given], { stdio: ["ignore", "pipe", "pipe"], env: process.env });
    began.push(child);
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
    return { said: () => text, child, ended: new Promise((resolve) => child.once("close", resolve)) };
  }

  async function until(told: () => boolean): Promise<void> {
    const began = Date.now();
    while (!told() && Date.now() - began < 40_000) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told()).toBe(true);
  }

  test("refuses another account than the credentials' own, and asks for --yes; neither makes anything", async () => {
    const before = await left();
    const other = command("--account", accountIds.main, "--yes", "--out", out);
    const asked = command("--account", account, "--out", out);
    expect([await other.ended, await asked.ended]).toEqual([2, 2]);
    expect(other.said()).toContain(`These credentials are of account ${account}, not of ${accountIds.main}.`);
    expect(asked.said()).toMatch(/up to 7 roles under \/roletrail-contract\/.*Add --yes to do it\./s);
    expect(await left()).toEqual(before);
  }, 60_000);

  test.each([
    { half: "roles", made: "ok   the roles are made", gone: /ok {3}clean .*4 roles.*and the bucket/ },
    { half: "athena", made: "ok   a database and its tables", gone: /ok {3}clean .*the database .*and the bucket/ },
  ])(
    "killed half-way it leaves what --clean then finds by its name alone: $half",
    async ({ half, made, gone }) => {
      const before = await left();
      const killed = command(...flags("--only", half));
      await until(() => killed.said().includes(made));
      killed.child.kill("SIGKILL");
      await killed.ended;
      expect((await left()).length).toBeGreaterThan(before.length + 3);
      const run = /Run (\d{8}-[0-9a-f]{6})/.exec(killed.said())?.[1] ?? "";
      const cleaned = command(...flags("--clean", run));
      expect(await cleaned.ended).toBe(0);
      expect(cleaned.said()).toMatch(gone);
      expect(await left()).toEqual(before);
    },
    90_000,
  );

  test("given up by Ctrl-C it removes what it made, and reports what it had seen", async () => {
    const before = await left();
    const files = readdirSync(out).length;
    const stopped = command(...flags("--only", "roles"));
    await until(() => stopped.said().includes("ok   the roles are made"));
    stopped.child.kill("SIGINT");
    await stopped.ended;
    expect(stopped.said()).toContain("ok   clean up");
    expect(await left()).toEqual(before);
    expect(readdirSync(out).length).toBe(files + 2);
  }, 60_000);
});

test.each([
  [["--region", "eu-west-1"], "--account is missing."],
  [["--account", "12"], "--account is twelve digits"],
  [["--account", account, "--region", "Europe"], "--region is a Region"],
  [["--account", account, "--issuer", issuer], "--issuer and --issuer-key go together."],
  [["--account", account, "--issuer", issuer, "--issuer-key", "/nowhere/issuer.json"], "there is no file"],
  [["--account", account, "--clean", "everything"], "--clean is a run's name"],
  [["--account", account, "--all"], "--all"],
])("%j is refused with a plain sentence", (given, words) => {
  expect(() => readTerms(given)).toThrow(words);
});
