#!/usr/bin/env node
// The `roletrail` command. Works after `npm ci` alone: bundles the command line when a source changed, then runs it.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const builds = path.join(root, ".build/cli");
const rooms = ["cli", "core", "queries"];

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19))
  fail(`Roletrail needs Node 20.19 or newer; this is ${process.versions.node}.`);
if (!existsSync(path.join(root, "node_modules/commander"))) fail("Roletrail is not installed yet. Run npm ci first.");

const build = path.join(builds, signature());
if (!existsSync(build)) await bundle(build);
const { main } = await import(pathToFileURL(path.join(build, "main.mjs")).href);
await main(process.argv, root);

/** Of every source's path, size and time: a few milliseconds, where reading them all would take a hundred. */
function signature() {
  const hash = createHash("sha256").update(process.versions.modules);
  const add = (file) => {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${path.relative(root, file)} ${size} ${mtimeMs}\n`);
  };
  add(path.join(root, "package-lock.json"));
  for (const room of rooms) {
    const entries = readdirSync(path.join(root, room), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
    for (const file of files.sort()) add(file);
  }
  return hash.digest("hex").slice(0, 16);
}

async function bundle(folder) {
  const { build } = await import("esbuild");
  const making = `${folder}.${process.pid}`;
  await build({
    absWorkingDir: root,
    entryPoints: { main: "cli/main.ts", ingest: "queries/ingest/worker.ts" },
    outdir: making,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // What a command does not call is not loaded.
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    loader: { ".sql": "text" },
    logLevel: "warning",
  });
  try {
    renameSync(making, folder);
  } catch {
    // Another `roletrail` was as fast.
    rmSync(making, { recursive: true, force: true });
  }
  forgetOld(folder);
}

/** Builds of older sources go after a day: one may still be running. */
function forgetOld(current) {
  mkdirSync(builds, { recursive: true });
  utimesSync(current, new Date(), new Date());
  for (const name of readdirSync(builds)) {
    const folder = path.join(builds, name);
    if (folder !== current && Date.now() - statSync(folder).mtimeMs > 86_400_000)
      rmSync(folder, { recursive: true, force: true });
  }
}

function fail(sentence) {
  process.stderr.write(`roletrail: ${sentence}\n`);
  process.exit(1);
}
