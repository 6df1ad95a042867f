// `npm run check`: the static gates, fast first, two at a time (the cheap ones beside the slow build).
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { buildWhenStale } from "./start/prepare.mjs";

const root = path.resolve(import.meta.dirname, "..");
const bin = (name) => path.join(root, "node_modules/.bin", name);

const gates = [
  ["format and lint", bin("biome"), ["ci", "--error-on-warnings", "."]],
  // Of two compilers (docs/decisions/0006): `.bin/tsc` may be either, so the quick one is named by its path.
  ["types", process.execPath, ["node_modules/typescript-native/bin/tsc", "--noEmit", "-p", "tools/tsconfig.json"]],
  ["promises", bin("oxlint"), ["--type-aware", "-c", "tools/oxlintrc.json"]],
  ["arrows", process.execPath, ["tools/arrows.mjs"]],
  ["unused", bin("knip"), ["--no-progress"]],
  ["generated in sync", bin("tsx"), ["tools/generate.ts", "--check"]],
].filter(([name]) => name !== "generated in sync" || existsSync(path.join(root, "tools/generate.ts")));

/** One line a gate; its output only when it failed. Resolves to the names of the gates that failed. */
export async function check() {
  const failed = [];
  const run = async (name, command, args) => {
    const began = Date.now();
    const { code, output } = await finished(command, args);
    process.stdout.write(`${code === 0 ? "ok  " : "FAIL"} ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)\n`);
    if (code === 0) return;
    failed.push(name);
    process.stdout.write(output);
  };
  const queue = [...gates];
  const lane = async () => {
    for (let gate = queue.shift(); gate !== undefined; gate = queue.shift()) await run(...gate);
  };
  await Promise.all([lane(), lane()]);
  await build(failed);
  if (!failed.includes("build")) await run("bundle leaks", process.execPath, ["tools/leaks.mjs"]);
  return { failed, passed: gates.length + 2 - failed.length };
}

async function build(failed) {
  const began = Date.now();
  try {
    await buildWhenStale();
    process.stdout.write(`ok   build (${((Date.now() - began) / 1000).toFixed(1)} s)\n`);
  } catch (error) {
    failed.push("build");
    process.stdout.write(`FAIL build: ${error.message}\n`);
  }
}

function finished(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, FORCE_COLOR: "0" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => chunks.push(chunk));
    child.on("error", (error) => resolve({ code: 1, output: String(error) }));
    child.on("exit", (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString("utf8") }));
  });
}

if (process.argv[1] === import.meta.filename) {
  const { failed } = await check();
  process.exit(failed.length === 0 ? 0 : 1);
}
