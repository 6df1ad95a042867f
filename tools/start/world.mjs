import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { root } from "./arguments.mjs";
import { withoutAws } from "./prepare.mjs";
import { nameOf } from "./real.mjs";
import { progress, StartRefusal } from "./say.mjs";

/** A world is a folder of its own: nothing is shared between real and simulated, not even cookie names. */
export async function openWorld(options) {
  const name = nameOf(options);
  const folder = path.join(options.home, name);
  if (options.fresh && name === "sandbox" && existsSync(folder)) setAside(folder);
  for (const each of [options.home, folder, path.join(folder, "secrets")]) privateFolder(each);
  takeLock(folder);
  const socket = socketIn(folder);
  let story;
  return {
    ...options,
    name,
    folder,
    socket,
    socketSecret: randomBytes(32).toString("base64url"),
    cookieSecret: secretFile(path.join(folder, "secrets", "cookie.key")),
    release: () => rmSync(path.join(folder, "lock"), { force: true }),
    makeStory: () => {
      story ??=
        options.kind === "sandbox" && !existsSync(path.join(folder, "story-truth.json"))
          ? tellStory(options, name)
          : Promise.resolve();
      return story;
    },
  };
}

function privateFolder(folder) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  } catch (error) {
    throw new StartRefusal(
      "home",
      `The folder ${folder} cannot be made and kept private: ${error.code}.`,
      "Give --home a folder of your own.",
    );
  }
}

function setAside(folder) {
  if (lockHolder(folder) !== undefined) throw alreadyRunning(folder);
  const aside = `${folder}-set-aside-${new Date().toISOString().replaceAll(":", "-").slice(0, 19)}`;
  renameSync(folder, aside);
  progress(`the old sandbox is kept at ${path.relative(root, aside)}`);
}

/** A secret is made once, 0600, and never over an existing one. */
function secretFile(file) {
  if (!existsSync(file)) {
    const handle = openSync(file, "wx", 0o600);
    writeSync(handle, randomBytes(32).toString("base64url"));
    closeSync(handle);
  }
  return readFileSync(file, "utf8").trim();
}

function takeLock(folder) {
  if (lockHolder(folder) !== undefined) throw alreadyRunning(folder);
  const file = path.join(folder, "lock");
  rmSync(file, { force: true });
  const handle = openSync(file, "wx", 0o600);
  writeSync(handle, String(process.pid));
  closeSync(handle);
}

/** The pid in the lock when that process lives; a dead one's lock is taken over. */
function lockHolder(folder) {
  const file = path.join(folder, "lock");
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, "utf8"));
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return error.code === "EPERM" ? pid : undefined;
  }
}

function alreadyRunning(folder) {
  const run = path.join(folder, "run.json");
  const url = existsSync(run) ? JSON.parse(readFileSync(run, "utf8")).app_url : undefined;
  return new StartRefusal(
    "running",
    `Roletrail is already running${url ? ` at ${url}` : ""} (process ${lockHolder(folder)}).`,
    "Stop that one first, or start a second one with another --home and --port.",
  );
}

/** A Unix socket's path may have about 100 bytes; a longer one goes to a private temporary folder. */
function socketIn(folder) {
  if (process.platform === "win32") return `\\\\.\\pipe\\roletrail-${randomBytes(8).toString("hex")}`;
  const near = path.join(folder, "functions.sock");
  return Buffer.byteLength(near) <= 100
    ? near
    : path.join(mkdtempSync(path.join(tmpdir(), "roletrail-")), "functions.sock");
}

/** Runs the story once: the organisation, its people and 30 days of trail, told up to the last UTC midnight. */
function tellStory(options, name) {
  progress("making the sandbox: an organisation and 30 days of its trail …");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(root, ".build/story.mjs")], {
      cwd: root,
      env: {
        ...withoutAws(process.env),
        ...options.settings,
        ROLETRAIL_HOME: options.home,
        ROLETRAIL_WORLD: name,
        ROLETRAIL_PORT: String(options.port),
      },
      stdio: ["ignore", "ignore", "inherit"],
    });
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0
        ? resolve()
        : reject(
            new StartRefusal(
              "story",
              "The sandbox's story could not be made.",
              "The lines above say why; npm start -- --fresh begins a new one.",
            ),
          ),
    );
  });
}
