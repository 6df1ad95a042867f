// AssumeRole through an unmodified client-sts against a sandbox account in a process of its own, trail included.
// Baseline in the same run: GetCallerIdentity, which is the same HTTP and SigV4 without the lending.
import { fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { startAws } from "#/sandbox/aws/server.ts";
import type { Organisation } from "#/sandbox/aws/state.ts";

const account = "111122223333";
const key = { accessKeyId: "AKIABENCHBENCHBENCH2", secretAccessKey: "bench" };
const seconds = Number(process.env["ROLETRAIL_BENCH_SECONDS"] ?? "5");

if (process.argv[2] === "serve") await serve(process.argv[3] ?? "");
else await measure();

async function serve(world: string): Promise<void> {
  const aws = await startAws({
    port: 0,
    world,
    delaySeconds: 1,
    issuer: "https://issuer.roletrail.test",
    log: console.error,
  });
  process.on("disconnect", () => void aws.close().then(() => process.exit(0)));
  process.on("message", () => process.send?.(cpuMs()));
  process.send?.(aws.url);
}

/** Processor time of this process so far: what a busy machine does not change. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function measure(): Promise<void> {
  const world = mkdtempSync(path.join(tmpdir(), "roletrail-bench-sts-"));
  writeFileSync(path.join(world, "aws.json"), JSON.stringify(organisation()));
  const child = fork(process.argv[1] ?? "", ["serve", world], { execArgv: process.execArgv });
  try {
    const endpoint = await new Promise<string>((resolve) => child.once("message", (url) => resolve(String(url))));
    const client = new STSClient({ endpoint, region: "eu-west-1", credentials: key, maxAttempts: 1 });
    const assume = () =>
      client.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/Bench`, RoleSessionName: "bench" }));
    const server = (): Promise<number> =>
      new Promise((resolve) => {
        child.once("message", (ms) => resolve(Number(ms)));
        child.send("cpu");
      });
    for (let warm = 0; warm < 200; warm++) await assume();
    await report("GetCallerIdentity (baseline), 1 at a time", server, 1, () =>
      client.send(new GetCallerIdentityCommand({})),
    );
    await report("AssumeRole, 1 at a time", server, 1, assume);
    await report("AssumeRole, 8 at a time", server, 8, assume);
  } finally {
    child.disconnect();
    await new Promise((resolve) => child.once("exit", resolve));
    rmSync(world, { recursive: true, force: true });
  }
}

async function report(
  name: string,
  server: () => Promise<number>,
  atOnce: number,
  call: () => Promise<unknown>,
): Promise<void> {
  const times: number[] = [];
  const cpu = { client: cpuMs(), server: await server() };
  const began = performance.now();
  const until = began + seconds * 1000;
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      const at = performance.now();
      await call();
      times.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const rate = (times.length * 1000) / (performance.now() - began);
  times.sort((a, b) => a - b);
  const quantile = (part: number): string => (times[Math.floor(times.length * part)] ?? Number.NaN).toFixed(2);
  const each = [cpuMs() - cpu.client, (await server()) - cpu.server].map((ms) => (ms / times.length).toFixed(2));
  process.stdout.write(
    `${name}: ${rate.toFixed(0)}/s, p50 ${quantile(0.5)} ms, p95 ${quantile(0.95)} ms; processor ms a call: client ${each[0]}, sandbox ${each[1]}\n`,
  );
}

function organisation(): Organisation {
  const allow = (more: object) => JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", ...more } });
  const createdAt = "2026-01-01T00:00:00Z";
  const common = { path: "/", createdAt, attachedPolicyArns: [], tags: {} };
  return {
    id: "o-bench00000",
    logArchiveAccount: account,
    trailName: "organization",
    trailBucket: "trail",
    homeRegion: "eu-west-1",
    accounts: [
      {
        id: account,
        name: "bench",
        roles: [
          {
            ...common,
            name: "Bench",
            id: "AROABENCHBENCHBENCHBE",
            maxSessionSeconds: 3600,
            trustPolicy: allow({ Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: "sts:AssumeRole" }),
            inlinePolicies: {},
          },
        ],
        users: [
          {
            ...common,
            name: "bench",
            id: "AIDABENCHBENCHBENCHBE",
            inlinePolicies: { All: allow({ Action: "*", Resource: "*" }) },
            accessKeys: [{ id: key.accessKeyId, secret: key.secretAccessKey, active: true, createdAt }],
            mfaDevices: [],
          },
        ],
        managedPolicies: [],
        oidcProviders: [],
        buckets: [{ name: "trail", region: "eu-west-1", createdAt }],
        eventSelectors: [{ ReadWriteType: "All", IncludeManagementEvents: true }],
      },
    ],
  };
}
