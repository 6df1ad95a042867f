import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { BrowserContext } from "@playwright/test";
import { encode } from "next-auth/jwt";
import { freePorts } from "../product.ts";

const root = path.resolve(import.meta.dirname, "../../..");

/** The app as built, over functions that stand in: for a page's states, which real data does not hold still for. */
export interface StandIn {
  readonly url: string;
  /** Signed in to see the pages in this state. */
  readonly signIn: (context: BrowserContext, state?: State) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export type State = "much" | "none" | "error";

export async function startStandIn(): Promise<StandIn> {
  const folder = mkdtempSync(path.join(tmpdir(), "roletrail-pages-"));
  const socket = path.join(folder, "f.sock");
  const port = await freePorts();
  const secret = "c".repeat(43);
  const environment = {
    ...process.env,
    ROLETRAIL_SOCKET: socket,
    ROLETRAIL_SOCKET_SECRET: "x".repeat(43),
    ROLETRAIL_COOKIE_SECRET: secret,
    ROLETRAIL_PORT: String(port),
    ROLETRAIL_WORLD: "sandbox",
    NEXTAUTH_SECRET: secret,
    NEXTAUTH_URL: `http://localhost:${port}`,
  };
  const start = (args: readonly string[]): ChildProcess =>
    spawn(process.execPath, args, { cwd: root, env: environment, stdio: "ignore" });
  const children = [
    start([path.join(root, "node_modules/tsx/dist/cli.mjs"), "test/pages/stand-in/functions.ts", socket]),
    start([path.join(root, "node_modules/next/dist/bin/next"), "start", "-H", "127.0.0.1", "-p", String(port)]),
  ];
  const url = `http://localhost:${port}`;
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(ended));
    rmSync(folder, { recursive: true, force: true });
  };
  if (!(await answers(`${url}/signin`))) {
    await stop();
    throw new Error("the app did not start over the stand-in");
  }
  return { url, signIn: (context, state = "much") => signedIn(context, url, secret, state), stop };
}

async function signedIn(context: BrowserContext, url: string, secret: string, state: State): Promise<void> {
  const token = {
    sid: state.slice(0, 1).repeat(22),
    key: "k".repeat(43),
    jkt: "j".repeat(43),
    person: "p_aaaaaaaaaaaaaaaa",
    renewed_at: Date.now(),
  };
  const value = await encode({ token, secret, maxAge: 3600 });
  await context.addCookies([{ name: "roletrail-sandbox", value, url }]);
}

async function answers(url: string): Promise<boolean> {
  for (let tries = 0; tries < 300; tries += 1) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await gone;
}
