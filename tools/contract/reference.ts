import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { openIssuer } from "#/core/mint/issuer.ts";
import { startAws } from "#/sandbox/aws/server.ts";
import type { Organisation } from "#/sandbox/aws/state.ts";
import { identitySteps } from "./identity.ts";
import { namesOf, newRun } from "./names.ts";
import { callerOf, nothingSpent } from "./run.ts";
import type { TrailRecord } from "./shapes.ts";
import { type Outside, Steps } from "./steps.ts";
import type { Terms } from "./terms.ts";

const account = "111122223333";
const region = "us-east-1";
const issuerUrl = "https://issuer.roletrail.test";

/**
 * Makes the run's calls in a sandbox account of its own and prints the records they left. A process for itself: the SDK's
 * environment is AWS's in the other one. Its clock is moved on where a run waits.
 */
export async function runReference({
  isSession,
  hasIssuer,
}: {
  isSession: boolean;
  hasIssuer: boolean;
}): Promise<void> {
  const world = mkdtempSync(path.join(tmpdir(), "roletrail-contract-sandbox-"));
  let ahead = 0;
  const now = (): Date => new Date(Date.now() + ahead);
  const wait = async (milliseconds: number): Promise<void> => {
    ahead += milliseconds;
  };
  mkdirSync(path.join(world, "issuer"));
  writeFileSync(path.join(world, "aws.json"), JSON.stringify(organisation()));
  const file = path.join(world, "issuer.json");
  await openIssuer(issuerUrl, { file, folder: path.join(world, "issuer"), now });
  const aws = await startAws({
    port: 0,
    world,
    delaySeconds: 0,
    issuer: issuerUrl,
    log: (text) => console.error(text),
    now,
  });
  try {
    await comeIn(aws.url, isSession);
    const steps = new Steps({ say: () => undefined, signal: AbortSignal.any([]) });
    const outside: Outside = { now, wait, say: () => undefined, signal: AbortSignal.any([]) };
    const issuer = hasIssuer ? { url: issuerUrl, key: file, isChecked: false } : null;
    const run = await runIn({ outside, steps, issuer });
    await identitySteps(run, false);
    const failed = steps.done.filter(({ result }) => result === "failed");
    if (failed.length > 0) throw new Error(failed.map(({ name, words }) => `${name}: ${words}`).join("\n"));
    aws.flush();
    process.stdout.write(JSON.stringify({ run: run.names.run, records: recordsUnder(path.join(world, "s3")) }));
  } finally {
    await aws.close();
    rmSync(world, { recursive: true, force: true });
  }
}

async function runIn({ outside, steps, issuer }: { outside: Outside; steps: Steps; issuer: Terms["issuer"] }) {
  const common = { bucket: null, waitTrailMinutes: 0, only: "roles", out: ".", clean: null, yes: true } as const;
  const terms: Terms = { account, region, issuer, ...common };
  const sts = new STSClient({ region });
  const caller = await callerOf(sts, account);
  sts.destroy();
  return { terms, names: namesOf(terms, newRun(outside.now())), outside, steps, caller, spent: nothingSpent() };
}

/** As an IAM user, or as a session of a role that it takes: AWS's records differ by that. */
async function comeIn(endpoint: string, isSession: boolean): Promise<void> {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: key.id,
    AWS_SECRET_ACCESS_KEY: key.secret,
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
  });
  if (!isSession) return;
  const RoleArn = `arn:aws:iam::${account}:role/Runner`;
  const sts = new STSClient({ region });
  const { Credentials: given } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "runner" }));
  sts.destroy();
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: given?.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: given?.SecretAccessKey,
    AWS_SESSION_TOKEN: given?.SessionToken,
  });
}

const key = { id: "AKIACONTRACTCONTRACT", secret: "of-a-sandbox-in-this-process" };

/** One account with somebody who may do everything in it. */
function organisation(): Organisation {
  const createdAt = "2026-01-01T00:00:00Z";
  const document = (statement: object): string => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  const inlinePolicies = { Everything: document({ Effect: "Allow", Action: "*", Resource: "*" }) };
  const common = { path: "/", createdAt, inlinePolicies, attachedPolicyArns: [], tags: {} };
  const trustPolicy = document({
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: "sts:AssumeRole",
  });
  return {
    id: "o-contract01",
    logArchiveAccount: account,
    trailName: "contract",
    trailBucket: "contract-trail",
    homeRegion: region,
    accounts: [
      {
        id: account,
        name: "contract",
        roles: [{ ...common, name: "Runner", id: "AROACONTRACTCONTRACT", maxSessionSeconds: 3_600, trustPolicy }],
        users: [
          {
            ...common,
            name: "runner",
            id: "AIDACONTRACTCONTRACT",
            accessKeys: [{ ...key, active: true, createdAt }],
            mfaDevices: [],
          },
        ],
        managedPolicies: [],
        oidcProviders: [],
        buckets: [{ name: "contract-trail", region, createdAt }],
        eventSelectors: [{ ReadWriteType: "All", IncludeManagementEvents: true, DataResources: [] }],
      },
    ],
  };
}

const recordsUnder = (folder: string): TrailRecord[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json.gz"))
    .flatMap((name) => JSON.parse(gunzipSync(readFileSync(path.join(folder, name))).toString("utf8")).Records);
