import { spawnSync } from "node:child_process";
import path from "node:path";
import { root } from "./arguments.mjs";
import { StartRefusal } from "./say.mjs";

const isReal = ({ kind, trail }) => kind === "aws" || trail?.startsWith("s3://") === true;

/** Settings were given, or real things are ahead: a plain `npm start` has nothing to look at. */
export const isToBeLookedAt = (options) => isReal(options) || Object.keys(options.settings).length > 0;

/**
 * The world's name. Settings and access file are looked at first, before real things the sign-in as well; `--aws` asks
 * whose account it is.
 */
export function nameOf(options) {
  const identity = isToBeLookedAt(options) ? lookAt(options) : {};
  if (options.kind === "aws") return `aws-${identity.account}`;
  return options.kind === "sandbox" ? "sandbox" : options.world;
}

function lookAt(options) {
  const words = [...(isReal(options) ? ["real"] : []), ...(options.aws ? ["aws"] : [])];
  const done = spawnSync(process.execPath, [path.join(root, ".build/real.mjs"), ...words], {
    cwd: root,
    env: { ...process.env, ...options.settings, ROLETRAIL_HOME: options.home },
    encoding: "utf8",
  });
  if (done.status === 0) return JSON.parse(done.stdout || "{}");
  process.stderr.write(done.stderr);
  throw new StartRefusal("real", "Nothing was started.", "");
}
