import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./arguments.mjs";
import { progress, StartRefusal, since } from "./say.mjs";

/** What each half of the build is made of: a change elsewhere builds nothing anew. */
export const halves = {
  processes: {
    rooms: ["core", "queries", "functions", "sandbox", "cli", "tools/build.mjs"],
    files: ["package.json", "package-lock.json", "tsconfig.json"],
    made: ".build/functions.mjs",
  },
  web: {
    rooms: ["app", "core", "queries/catalogue.ts", "queries/catalogue-facts.ts", "tools/build.mjs"],
    files: [
      "package.json",
      "package-lock.json",
      "tsconfig.json",
      "next.config.ts",
      "postcss.config.mjs",
      "proxy.ts",
      "instrumentation.ts",
    ],
    made: ".next/BUILD_ID",
  },
};

/** Install and build see nothing of AWS: no key of the person who runs this reaches a package's script. */
export const withoutAws = (environment) =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("AWS_")));

const nodeWanted = [20, 19];

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > nodeWanted[0] || (major === nodeWanted[0] && minor >= nodeWanted[1])) return;
  throw new StartRefusal(
    "node",
    `Roletrail needs Node ${nodeWanted.join(".")} or newer; this is ${process.versions.node}.`,
    "Install Node 22 or 24, then run npm start again.",
  );
}

/** The lockfile's hash is kept beside what was installed; only a difference installs again. */
export function installWhenStale() {
  checkNode();
  const wanted = createHash("sha256")
    .update(readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
  const mark = path.join(root, "node_modules", ".roletrail-lock");
  if (existsSync(mark) && readFileSync(mark, "utf8") === wanted) return;
  const began = Date.now();
  progress("installing packages (npm ci), about a minute …");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const done = spawnSync(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: withoutAws(process.env),
    shell: process.platform === "win32",
  });
  if (done.status !== 0)
    throw new StartRefusal(
      "install",
      "The packages could not be installed.",
      "Read npm's lines above; a missing network or a full disk are the usual causes.",
    );
  writeFileSync(mark, wanted);
  progress(`installed in ${since(began)}`);
}

/**
 * Builds what is stale: first the processes, then, while Next builds the app, whatever the caller has to do with them
 * (`beforeWeb`: the story). `only: "processes"` stops after the first half.
 */
export async function buildWhenStale({ beforeWeb = async () => undefined, only } = {}) {
  const began = Date.now();
  await half("processes", () => progress("building sandbox, functions and command line …"));
  if (only === "processes") return;
  const built = await half("web", () => {
    progress("building the app …");
    void beforeWeb().catch(() => undefined);
  });
  if (built) progress(`built in ${since(began)}`);
}

/** True when it was stale and is built now. The hash beside the build is of what it was made of. */
async function half(name, announce) {
  const wanted = hashOf(halves[name]);
  const mark = path.join(root, ".build", `${name}.hash`);
  if (existsSync(mark) && readFileSync(mark, "utf8") === wanted && existsSync(path.join(root, halves[name].made)))
    return false;
  announce();
  const began = Date.now();
  const ticker = setInterval(() => progress(`  still building, ${since(began)}`), 15_000);
  try {
    await step(name);
  } finally {
    clearInterval(ticker);
  }
  mkdirSync(path.dirname(mark), { recursive: true });
  writeFileSync(mark, wanted);
  return true;
}

function step(half) {
  return new Promise((resolve, reject) => {
    const lines = [];
    const child = spawn(process.execPath, [path.join(root, "tools/build.mjs"), half], {
      cwd: root,
      env: withoutAws(process.env),
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => lines.push(chunk));
    child.on("error", reject);
    child.on("exit", (code) => {
      if (code === 0) return resolve();
      process.stderr.write(Buffer.concat(lines));
      reject(new StartRefusal("build", `Building ${half} failed.`, "The lines above say where."));
    });
  });
}

function hashOf({ rooms, files }) {
  const hash = createHash("sha256").update(process.versions.node.split(".")[0]);
  const all = [...files, ...rooms.flatMap(filesUnder)].filter((file) => existsSync(path.join(root, file)));
  for (const file of all.sort())
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(path.join(root, file)))
      .update("\0");
  return hash.digest("hex");
}

function filesUnder(entry) {
  if (/\.(mjs|ts)$/.test(entry)) return [entry];
  const folder = path.join(root, entry);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((found) => found.isFile())
    .map((found) => path.relative(root, path.join(found.parentPath, found.name)));
}
