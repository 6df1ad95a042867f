import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { smallOrganisation, trailFiles } from "./start.ts";

const root = path.resolve(import.meta.dirname, "../..");
let home: string;
let child: ChildProcess;
let port: number;

beforeEach(async () => {
  home = mkdtempSync(path.join(tmpdir(), "roletrail-process-"));
  const world = path.join(home, "sandbox");
  mkdirSync(path.join(world, "secrets"), { recursive: true, mode: 0o700 });
  writeFileSync(path.join(world, "aws.json"), JSON.stringify(organisation));
  port = await threeFreePorts();
  child = fork(path.join(root, "sandbox/server.ts"), {
    cwd: root,
    execArgv: ["--import", "tsx"],
    env: {
      ...process.env,
      ROLETRAIL_HOME: home,
      ROLETRAIL_PORT: String(port),
      ROLETRAIL_DELIVERY_DELAY_SECONDS: "3600",
    },
  });
  await new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", reject);
  });
});
afterEach(() => {
  child.kill("SIGKILL");
  rmSync(home, { recursive: true, force: true });
});

const organisation = smallOrganisation();
const trail = () => trailFiles(path.join(home, "sandbox/s3/org-trail"));
const gone = () => new Promise((resolve) => child.once("exit", resolve));

async function call(): Promise<void> {
  const [key] = organisation.accounts[0]?.users[0]?.accessKeys ?? [];
  const credentials = { accessKeyId: key?.id ?? "", secretAccessKey: key?.secret ?? "" };
  const sts = new STSClient({ endpoint: `http://127.0.0.1:${port + 2}`, region: "eu-west-1", credentials });
  await sts.send(new GetCallerIdentityCommand({}));
}

test("SIGTERM delivers what the trail held back, then the process ends", async () => {
  await call();
  expect(trail()).toEqual([]);
  const end = gone();
  child.kill("SIGTERM");
  expect(await end).toBe(0);
  expect(trail()).toHaveLength(1);
});

test("so does the end of the supervisor, and no orphan keeps the port", async () => {
  await call();
  const end = gone();
  child.disconnect();
  expect(await end).toBe(0);
  expect(trail()).toHaveLength(1);
  await expect(call()).rejects.toThrow();
});

/** The first of three in a row that nobody listens on. */
async function threeFreePorts(): Promise<number> {
  for (let from = 21_000 + Math.floor(Math.random() * 20_000); from < 60_000; from += 3) {
    const free = await Promise.all([from, from + 1, from + 2].map(isFree));
    if (free.every(Boolean)) return from;
  }
  throw new Error("no three free ports in a row");
}

const isFree = (wanted: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(wanted, "127.0.0.1", () => server.close(() => resolve(true)));
  });
