// Finds a Chromium for the browser tests, or installs one: Debian's package where it may, Playwright's download elsewhere.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The path of a browser, or why there is none. */
async function chromium() {
  const found = await foundChromium();
  if (found) return { path: found };
  const why = [
    mayUseApt()
      ? installedBy("apt-get", ["install", "-y", "--no-install-recommends", "chromium"])
      : "no apt-get as root",
  ];
  if (existsSync(places[0])) return { path: places[0] };
  why.push(
    installedBy(process.execPath, [path.join(root, "node_modules/@playwright/test/cli.js"), "install", "chromium"]),
  );
  const after = await foundChromium();
  return after ? { path: after } : { missing: `no Chromium found or installable (${why.filter(Boolean).join("; ")})` };
}

async function foundChromium() {
  const named = process.env.ROLETRAIL_CHROMIUM;
  if (named && existsSync(named)) return named;
  const placed = places.find((each) => existsSync(each));
  if (placed) return placed;
  const { chromium: own } = await import("@playwright/test");
  return existsSync(own.executablePath()) ? own.executablePath() : undefined;
}

const mayUseApt = () => process.platform === "linux" && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");

function installedBy(command, args) {
  process.stdout.write(`looking for a Chromium: ${path.basename(command)} ${args.slice(-2).join(" ")} …\n`);
  if (command === "apt-get") spawnSync("apt-get", ["update", "-q"], { stdio: "ignore" });
  const done = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    timeout: 300_000,
  });
  return done.status === 0 ? undefined : `${path.basename(command)} failed`;
}

if (process.argv[1] === import.meta.filename) process.send?.(await chromium());
