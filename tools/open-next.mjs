// The app built for Lambda: `.open-next/`. In the checkout for a deployment (SST calls it), or, with `--apart`, in
// `.cache/open-next/` for the tests, so that the build a laptop runs from is left alone. `--private` lays it out for a load
// balancer of a private network, too.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { halves } from "./start/prepare.mjs";

const root = path.resolve(import.meta.dirname, "..");
const apart = path.join(root, ".cache/open-next");
/** Laid before the build once it is there, and no part of it. */
const balancer = "app/balancer.ts";
/** What a laptop's build is made of: one list, for a second one lacks what the app came to import. */
const { rooms, files } = halves.web;

/** Where the build is, made anew only when what it is made of changed; about 40 s on two cores. */
export function openNextApart() {
  const made = [...rooms.flatMap((name) => under(name)), ...files, "open-next.config.ts"]
    .filter((name) => name !== balancer)
    .sort();
  const hash = createHash("sha256");
  for (const name of made) hash.update(`${name}\n`).update(readFileSync(path.join(root, name)));
  const wanted = hash.digest("hex");
  const mark = path.join(apart, ".made-of");
  if (existsSync(mark) && readFileSync(mark, "utf8") === wanted) return apart;
  rmSync(apart, { recursive: true, force: true });
  for (const name of made) {
    mkdirSync(path.join(apart, path.dirname(name)), { recursive: true });
    copyFileSync(path.join(root, name), path.join(apart, name));
  }
  linkPackages(path.join(root, "node_modules"), path.join(apart, "node_modules"));
  const { status, said } = build(apart);
  if (status !== 0) throw new Error(`OpenNext did not build:\n${said.slice(-3_000)}`);
  writeFileSync(mark, wanted);
  return apart;
}

/** The same build for a private load balancer: server, static files, and app/balancer.ts before both, in one folder. */
export async function layPrivate(output) {
  const folder = path.join(output, "private");
  rmSync(folder, { recursive: true, force: true });
  cpSync(path.join(output, "server-functions/default"), folder, { recursive: true });
  cpSync(path.join(output, "assets"), path.join(folder, "assets"), { recursive: true });
  const { build: bundle } = await import("esbuild");
  await bundle({
    entryPoints: [path.join(root, balancer)],
    outfile: path.join(folder, "balancer.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    logLevel: "silent",
  });
  return folder;
}

function build(cwd, stdio = "pipe") {
  const done = spawnSync(process.execPath, [path.join(cwd, "node_modules/@opennextjs/aws/dist/index.js"), "build"], {
    cwd,
    stdio,
    encoding: "utf8",
    env: { ...withoutAws(process.env), NEXT_TELEMETRY_DISABLED: "1" },
  });
  return { status: done.status, said: `${done.stdout ?? ""}${done.stderr ?? ""}` };
}

const withoutAws = (environment) =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("AWS_")));

function under(name) {
  if (
    !readdirSync(path.join(root, path.dirname(name)), { withFileTypes: true }).some(
      (each) => each.name === path.basename(name),
    )
  )
    throw new Error(`There is no ${name}`);
  try {
    return readdirSync(path.join(root, name)).flatMap((each) => under(path.join(name, each)));
  } catch (error) {
    if (error.code === "ENOTDIR") return [name];
    throw error;
  }
}

/** Large, or another suite's for a moment, and no part of a web build. */
const notNeeded =
  /^(sst-.*|sst|playwright.*|@playwright|@duckdb|@libsql|libsql|@biomejs|oxlint.*|@oxlint.*|dt-sql-parser|knip|\.cache|\.vite|\.roletrail-test-.*)$/;

/** Hard links: Next's bundler does not follow a node_modules that points out of its root. Copies where links cannot be. */
function linkPackages(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (notNeeded.test(entry.name)) continue;
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) linkPackages(source, target);
    else if (entry.isFile()) linked(source, target);
  }
}

function linked(source, target) {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv.includes("--apart")) console.log(openNextApart());
  else {
    process.exitCode = build(root, "inherit").status ?? 1;
    if (process.argv.includes("--private") && process.exitCode === 0) await layPrivate(path.join(root, ".open-next"));
  }
}
