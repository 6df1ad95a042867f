import { spawnSync } from "node:child_process";
import path from "node:path";
import { root } from "./arguments.mjs";
import { StartRefusal } from "./say.mjs";

/** The world's name. Before a real account or an s3:// trail its access file is looked at; `--aws` asks whose account it is. */
export function nameOf(options) {
  if (options.kind === "sandbox") return "sandbox";
  if (options.kind === "trail" && !options.trail.startsWith("s3://")) return options.world;
  const identity = realIdentity(options);
  return options.kind === "aws" ? `aws-${identity.account}` : options.world;
}

function realIdentity(options) {
  const done = spawnSync(process.execPath, [path.join(root, ".build/real.mjs"), ...(options.aws ? ["aws"] : [])], {
    cwd: root,
    env: { ...process.env, ...options.settings, ROLETRAIL_HOME: options.home },
    encoding: "utf8",
  });
  if (done.status === 0) return JSON.parse(done.stdout || "{}");
  process.stderr.write(done.stderr);
  throw new StartRefusal("real", "Nothing was started.", "");
}
