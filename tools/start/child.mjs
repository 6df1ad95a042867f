import { fork } from "node:child_process";
import http from "node:http";
import path from "node:path";
import { root } from "./arguments.mjs";
import { environmentOf } from "./environment.mjs";
import { StartRefusal } from "./say.mjs";

const readyWithin = 120_000;
const killAfter = 5_000;

const commands = {
  sandbox: () => [".build/sandbox.mjs", [], ["--enable-source-maps"]],
  functions: () => [".build/functions.mjs", [], ["--enable-source-maps"]],
  web: (world) => [
    "node_modules/next/dist/bin/next",
    ["start", "-H", "127.0.0.1", "-p", String(world.port)],
    ["--import", path.join(root, "tools/start/lifeline.mjs")],
  ],
};

/** One of the three processes, held by a channel: it ends when the channel closes. */
export function begin(name, world) {
  const [file, args, execArgv] = commands[name](world);
  return fork(path.join(root, file), args, {
    cwd: root,
    env: environmentOf(name, world),
    // Next says on stdout what the supervisor says better; its faults come on stderr.
    stdio: ["ignore", name === "web" ? "ignore" : "inherit", "inherit", "ipc"],
    execArgv,
  });
}

/** Resolves to what the child said of itself once it serves. */
export const readiness = (name, child, world) => (name === "web" ? webReady(child, world) : ready(child, name));

function ready(child, name) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () =>
        reject(
          new StartRefusal(
            "late",
            `The ${name} process did not get ready within ${readyWithin / 1000} s.`,
            "The lines above may say why.",
          ),
        ),
      readyWithin,
    );
    child.on("message", (message) => {
      if (message?.ready !== true) return;
      clearTimeout(late);
      child.wasReady = true;
      resolve(message);
    });
    child.once("exit", () => {
      clearTimeout(late);
      reject(new StartRefusal("child", `The ${name} process ended before it was ready.`, "The lines above say why."));
    });
  });
}

async function webReady(child, world) {
  const until = Date.now() + readyWithin;
  while (Date.now() < until && child.exitCode === null) {
    if (await answers(world.port)) return {};
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new StartRefusal("late", "The app did not answer.", "The lines above may say why.");
}

function answers(port) {
  return new Promise((resolve) => {
    const request = http.get(
      { host: "127.0.0.1", port, path: "/signin", headers: { host: `localhost:${port}` }, timeout: 5_000 },
      (response) => {
        response.resume();
        resolve(true);
      },
    );
    request.on("error", () => resolve(false));
    request.on("timeout", () => request.destroy());
  });
}

/** SIGTERM, then SIGKILL after 5 s. */
export function ended(child) {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const late = setTimeout(() => child.kill("SIGKILL"), killAfter);
    child.once("exit", () => {
      clearTimeout(late);
      resolve();
    });
    child.kill("SIGTERM");
  });
}
