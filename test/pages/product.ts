import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

/**
 * The product as a person starts it: `npm start` on this checkout, a home of its own and free ports. Tests read run.json
 * and import nothing of core, sandbox or functions.
 */
export interface Product {
  readonly home: string;
  readonly world: string;
  readonly run: Run;
  /** Everything the processes printed so far. */
  readonly output: () => string;
  readonly stop: () => Promise<void>;
}

export interface Run {
  readonly app_url: string;
  readonly signin_url: string;
  readonly aws_url: string;
  readonly admin_key_file: string;
  readonly ports: readonly number[];
  readonly pids: Readonly<Record<string, number>>;
  readonly people: readonly { readonly sub: string; readonly name: string; readonly title: string }[];
  readonly trail: { readonly folder: string };
}

const root = path.resolve(import.meta.dirname, "../..");

export async function startProduct(
  flags: readonly string[] = [],
  reuse: { home?: string; port?: number; environment?: Readonly<Record<string, string>> } = {},
): Promise<Product> {
  const home = reuse.home ?? mkdtempSync(path.join(tmpdir(), "roletrail-"));
  const port = reuse.port ?? (await freePorts());
  const child = spawn("npm", ["start", "--silent", "--", "--home", home, "--port", String(port), ...flags], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...reuse.environment, AWS_EC2_METADATA_DISABLED: "true" },
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (printed += chunk.toString("utf8")));
  const ready = await until(() => /Roletrail is at http/.test(printed), child, 240_000);
  if (!ready) {
    await ended(child);
    throw new Error(`npm start did not get ready:\n${printed}`);
  }
  const file = runFile(home);
  const run: Run = JSON.parse(readFileSync(file, "utf8"));
  return {
    home,
    world: path.dirname(file),
    run,
    output: () => printed,
    stop: () => stopped(child, home, reuse.home === undefined),
  };
}

/** The world's own folder is the one under this home where run.json was written. */
function runFile(home: string): string {
  const found = readdirSync(home)
    .map((world) => path.join(home, world, "run.json"))
    .find((file) => existsSync(file));
  if (found === undefined) throw new Error(`no run.json under ${home}`);
  return found;
}

async function stopped(child: ChildProcess, home: string, remove: boolean): Promise<void> {
  await ended(child);
  if (remove) rmSync(home, { recursive: true, force: true });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  // npm does not always pass a signal on: the whole group gets it, as from a terminal's Ctrl C.
  process.kill(-child.pid, "SIGINT");
  await gone;
}

async function until(condition: () => boolean, child: ChildProcess, milliseconds: number): Promise<boolean> {
  const end = Date.now() + milliseconds;
  while (Date.now() < end && child.exitCode === null) {
    if (condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return condition();
}

/** The first of three neighbouring free ports on loopback. */
export async function freePorts(): Promise<number> {
  for (let tries = 0; tries < 50; tries += 1) {
    const first = 20_000 + Math.floor(Math.random() * 20_000);
    const free = await Promise.all([0, 1, 2].map((offset) => isFree(first + offset)));
    if (free.every(Boolean)) return first;
  }
  throw new Error("no three neighbouring free ports found");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
