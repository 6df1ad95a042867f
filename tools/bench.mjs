// `npm run bench`: every benchmark script of tools/bench, one after another, each with its named baseline in the same
// run. `npm run bench ingest` runs those whose name begins so. Numbers go to stdout; nothing here passes or fails.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { buildWhenStale, installWhenStale } from "./start/prepare.mjs";

const root = path.resolve(import.meta.dirname, "..");
const [wanted = "", ...rest] = process.argv.slice(2);

installWhenStale();
await buildWhenStale();
process.stdout.write(
  `${os.cpus().length} cores (${os.cpus()[0]?.model}), ${Math.round(os.totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}\n`,
);
const scripts = readdirSync(path.join(root, "tools/bench")).filter(
  (file) => file.endsWith(".ts") && file.startsWith(wanted),
);
for (const script of scripts) {
  process.stdout.write(`\n== ${script}\n`);
  const done = spawnSync(path.join(root, "node_modules/.bin/tsx"), [path.join("tools/bench", script), ...rest], {
    cwd: root,
    stdio: "inherit",
  });
  if (done.status !== 0) process.exitCode = 1;
}
