// Bundles functions, sandbox and the command line into .build (packages stay outside), then builds the app with Next.
// `node tools/build.mjs processes` or `… web` builds one half.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const halves = process.argv.slice(2);

const entries = {
  functions: "functions/server.ts",
  sandbox: "sandbox/server.ts",
  real: "functions/real.ts",
  ingest: "queries/ingest/worker.ts",
  sql: "queries/engines/sql-child.ts",
  story: "sandbox/story/main.ts",
};

if (halves.length === 0 || halves.includes("processes")) {
  await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(path.join(root, file)))),
    outdir: ".build",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: false,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    loader: { ".sql": "text" },
    sourcemap: "linked",
    logLevel: "warning",
  });
}
if (halves.length === 0 || halves.includes("web")) {
  const next = path.join(root, "node_modules/next/dist/bin/next");
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_")));
  const done = spawnSync(process.execPath, [next, "build"], {
    cwd: root,
    stdio: "inherit",
    env: { ...environment, NEXT_TELEMETRY_DISABLED: "1" },
  });
  process.exitCode = done.status ?? 1;
}
