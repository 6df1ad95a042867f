// Runs dependency-cruiser and counts: a tool that looked at nothing must fail (with TypeScript 7 alone it sees 0 modules
// and exits 0).
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const rooms = ["app", "core", "queries", "functions", "cli", "sandbox", "infra"].filter((room) =>
  existsSync(path.join(root, room)),
);
const written = rooms
  .flatMap((room) => readdirSync(path.join(root, room), { recursive: true }))
  .filter((file) => /\.(ts|tsx)$/.test(file)).length;

const cruiser = path.join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
const done = spawnSync(process.execPath, [cruiser, "--config", "tools/arrows.cjs", "--output-type", "json", ...rooms], {
  cwd: root,
  encoding: "utf8",
  maxBuffer: 256 * 1024 * 1024,
});
if (!done.stdout.startsWith("{")) {
  process.stderr.write(done.stderr + done.stdout.slice(0, 2000));
  process.exit(1);
}
const { summary, modules } = JSON.parse(done.stdout);
const seen = modules.filter((module) =>
  /^(app|core|queries|functions|cli|sandbox|infra)\/.*\.tsx?$/.test(module.source),
).length;
for (const { rule, from, to } of summary.violations) process.stderr.write(`${rule.name}: ${from} → ${to}\n`);
if (seen < written) {
  process.stderr.write(`arrows looked at ${seen} of ${written} modules\n`);
  process.exit(1);
}
process.stdout.write(`arrows: ${seen} modules, ${summary.violations.length} violations\n`);
process.exit(summary.violations.length > 0 ? 1 : 0);
