// SST's platform (its components' sources and Pulumi's SDK for Node), put into .sst/platform from the npm packages alone:
// no AWS, no Pulumi engine. `node tools/sst.mjs` does it by hand; the deployment's tests call it.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const platform = path.join(root, ".sst/platform");
const mark = path.join(platform, ".roletrail-made-of");

/** The folder, or why there is none. Made anew only when SST or the providers of sst.config.ts changed: about 30 s. */
export function sstPlatform() {
  const wanted = madeOf();
  if (existsSync(mark) && readFileSync(mark, "utf8") === wanted) return { path: platform };
  rmSync(path.join(root, ".sst"), { recursive: true, force: true });
  const done = spawnSync(process.execPath, [path.join(root, "node_modules/sst/bin/sst.mjs"), "install"], {
    cwd: root,
    encoding: "utf8",
    timeout: 400_000,
    env: { ...withoutAws(process.env), ...offline },
  });
  const said = `${done.stdout ?? ""}${done.stderr ?? ""}`.trim();
  if (done.status !== 0 || !existsSync(path.join(platform, "node_modules/@pulumi/aws/package.json")))
    return {
      missing: `SST's platform could not be installed from the npm registry (${said.slice(-300) || done.error})`,
    };
  writeFileSync(mark, wanted);
  return { path: platform };
}

/** Without these the binary looks for Pulumi, bun and instance metadata on the network, and fails. */
const offline = {
  SST_SKIP_DEPENDENCY_CHECK: "1",
  SST_NO_BUN: "1",
  SST_STAGE: "test",
  SST_TELEMETRY_DISABLED: "1",
  AWS_EC2_METADATA_DISABLED: "true",
  ROLETRAIL_DEPLOY_REGION: "eu-central-1",
};

function madeOf() {
  const { version } = JSON.parse(readFileSync(path.join(root, "node_modules/sst/package.json"), "utf8"));
  const providers = /providers: \{[\s\S]*?\n {6}\},/.exec(readFileSync(path.join(root, "sst.config.ts"), "utf8"))?.[0];
  return createHash("sha256").update(`${version}\n${providers}`).digest("hex");
}

const withoutAws = (environment) =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("AWS_")));

if (process.argv[1] === import.meta.filename) {
  const made = sstPlatform();
  console.log(made.path ?? made.missing);
  process.exitCode = made.path === undefined ? 1 : 0;
}
