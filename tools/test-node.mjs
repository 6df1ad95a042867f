// `npm run test:node24`, or `npm run test:node -- 22`: the whole `npm test` on that Node, fetched from npm into .cache, in a
// clean copy of the checkout.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const version = process.argv[2] ?? "24.9.0";
const home = path.join(root, ".cache", `node-${version}`);
const bin = path.join(home, "node_modules/node/bin");

const must = (command, args, options) => {
  const done = spawnSync(command, args, { stdio: "inherit", ...options });
  if (done.status !== 0) process.exit(done.status ?? 1);
};

if (!existsSync(path.join(bin, "node"))) {
  mkdirSync(home, { recursive: true });
  must("npm", ["install", "--prefix", home, "--no-audit", "--no-fund", "--no-save", `node@${version}`]);
}
const copy = path.join(mkdtempSync(path.join(tmpdir(), "roletrail-node-")), "roletrail");
must("git", ["clone", "--quiet", root, copy]);
process.stdout.write(`Node ${version} in ${copy}\n`);
must("npm", ["test", "--silent"], {
  cwd: copy,
  env: {
    ...process.env,
    PATH: `${bin}${path.delimiter}${process.env.PATH}`,
    ROLETRAIL_CORPUS: process.env.ROLETRAIL_CORPUS ?? path.resolve(root, "../shared/corpus"),
  },
});
