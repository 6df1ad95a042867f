import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./arguments.mjs";
import { progress, StartRefusal, since } from "./say.mjs";

const sources = ["app", "core", "queries", "functions", "sandbox", "cli", "tools/build.mjs"];
const rootFiles = [
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "next.config.ts",
  "postcss.config.mjs",
  "proxy.ts",
  "instrumentation.ts",
];

/** Install and build see nothing of AWS: no key of the person who runs this reaches a package's script. */
export const withoutAws = (environment) =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("AWS_")));

const nodeWanted = [20, 19];

export function checkNode() {
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
 * Builds the two halves when sources or lockfile differ from what the build was made of: first the processes, then,
 * while Next builds the app, whatever the caller has to do with them (`beforeWeb`: the story).
 */
export async function buildWhenStale({ beforeWeb = async () => undefined } = {}) {
  const wanted = hashOfSources();
  const mark = path.join(root, ".build", "hash");
  const built =
    existsSync(mark) && readFileSync(mark, "utf8") === wanted && existsSync(path.join(root, ".next", "BUILD_ID"));
  if (built) return;
  const began = Date.now();
  progress("building …");
  await step("processes");
  progress(`built sandbox, functions and command line in ${since(began)}; building the app …`);
  const ticker = setInterval(() => progress(`  still building the app, ${since(began)}`), 15_000);
  try {
    await Promise.all([step("web"), beforeWeb()]);
  } finally {
    clearInterval(ticker);
  }
  mkdirSync(path.dirname(mark), { recursive: true });
  writeFileSync(mark, wanted);
  progress(`built in ${since(began)}`);
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

export function hashOfSources() {
  const hash = createHash("sha256").update(process.versions.node.split(".")[0]);
  const files = [...rootFiles, ...sources.flatMap(filesUnder)].filter((file) => existsSync(path.join(root, file)));
  for (const file of files.sort())
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(path.join(root, file)))
      .update("\0");
  return hash.digest("hex");
}

function filesUnder(entry) {
  if (entry.endsWith(".mjs")) return [entry];
  const folder = path.join(root, entry);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((found) => found.isFile())
    .map((found) => path.relative(root, path.join(found.parentPath, found.name)));
}
