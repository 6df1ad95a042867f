import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { StartRefusal } from "./say.mjs";

export const root = path.resolve(import.meta.dirname, "../..");

const help = `npm start [-- options]

  --port N                     app on N, sign-in on N+1, AWS on N+2 (default 3000)
  --trail DIR|s3://…           read real CloudTrail logs instead of the sandbox's; audit only
  --aws                        mint in the ambient AWS account (needs an access file)
  --fresh                      set the sandbox aside under a dated name and begin a new one
  --delivery-delay-seconds N   how long the sandbox holds trail files back (default 1; AWS: about 300)
  --access FILE                access.yaml to use
  --home DIR                   folder of all state (default .roletrail)

Every setting of docs/config.md is a flag: ROLETRAIL_PORT is --port.`;

const switches = new Set(["fresh", "aws", "help"]);

/** Flags over environment over defaults. `--delivery-delay-seconds 5` is ROLETRAIL_DELIVERY_DELAY_SECONDS. */
export function readArguments(given, environment) {
  const flags = flagsOf(given);
  if (flags.help) return { help };
  // An empty one of the environment is none.
  const setting = (name) => flags[name] ?? (environment[settingName(name)] || undefined);
  const valued = Object.entries(flags).filter(([name]) => !switches.has(name));
  return {
    port: wholePort(setting("port") ?? "3000"),
    home: path.resolve(root, setting("home") ?? ".roletrail"),
    fresh: flags.fresh === true,
    aws: flags.aws === true,
    settings: {
      ...settingsOf(environment),
      ...Object.fromEntries(valued.map(([name, value]) => [settingName(name), value])),
    },
    ...kindOf(setting("trail"), flags.aws === true),
  };
}

/** Set by the start itself, for each process: not for whoever starts it to say. */
const ownSettings = /^ROLETRAIL_(HOME|WORLD|PORT|SOCKET|SOCKET_SECRET|COOKIE_SECRET)$/;

/** The settings of the environment, which the processes get as they get the flags. */
const settingsOf = (environment) =>
  Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => /^ROLETRAIL_/.test(name) && value && !ownSettings.test(name)),
  );

const settingName = (flag) => `ROLETRAIL_${flag.toUpperCase().replaceAll("-", "_")}`;

/** Every setting, as core/config.ts names it: nothing is installed yet that could read more of it. */
const settingNames = () =>
  new Set(
    readFileSync(path.join(root, "core/config.ts"), "utf8")
      .match(/^ {2}ROLETRAIL_[A-Z0-9_]+(?=:)/gm)
      ?.map((line) => line.trim()),
  );

/** A name that nobody knows is a slip: what was meant would be left out in silence. */
function assertKnown(name) {
  if (switches.has(name) || settingNames().has(settingName(name))) return;
  throw new StartRefusal("flag", `--${name} is not an option of npm start.`, "npm start -- --help lists them.");
}

function flagsOf(given) {
  const flags = {};
  for (let index = 0; index < given.length; index += 1) {
    const [name, inline] = splitFlag(given[index]);
    assertKnown(name);
    flags[name] = switches.has(name) ? true : wordAfter(name, inline ?? given[++index]);
  }
  return flags;
}

function wordAfter(name, value) {
  if (value !== undefined && value !== "") return value;
  throw new StartRefusal(
    "flag",
    `--${name} needs a value.`,
    `For example: npm start -- --${name} ${name === "port" ? "4000" : "…"}`,
  );
}

function splitFlag(word) {
  const found = /^--([a-z][a-z0-9-]*)(?:=(.*))?$/s.exec(word);
  if (!found)
    throw new StartRefusal("flag", `"${word}" is not an option of npm start.`, "npm start -- --help lists them.");
  return [found[1], found[2]];
}

function wholePort(text) {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_533)
    throw new StartRefusal(
      "port",
      `"${text}" is not a port.`,
      "A port is a whole number from 1 to 65533, for example --port 4000.",
    );
  return port;
}

function kindOf(trail, aws) {
  if (trail === undefined) return { kind: aws ? "aws" : "sandbox" };
  const source = trail.startsWith("s3://") ? trail.replace(/\/+$/, "") : realFolder(trail);
  return {
    kind: aws ? "aws" : "trail",
    trail: source,
    world: `trail-${createHash("sha256").update(source).digest("hex").slice(0, 12)}`,
  };
}

function realFolder(given) {
  const folder = path.resolve(given);
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new StartRefusal(
      "trail",
      `There is no folder ${folder}.`,
      "Give --trail the folder that holds the CloudTrail .json.gz files, at any depth.",
    );
  return realpathSync(folder);
}
