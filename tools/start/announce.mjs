import { renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { trailOf } from "./environment.mjs";
import { progress, say, since } from "./say.mjs";

/** run.json is where outside programs begin. Never a secret, never the one-time link. */
export function announce(world, told, pids, began) {
  const sandbox = world.kind === "sandbox";
  const run = {
    app_url: addressOf(world),
    ...(sandbox
      ? {
          signin_url: `http://127.0.0.1:${world.port + 1}`,
          aws_url: `http://127.0.0.1:${world.port + 2}`,
          admin_key_file: path.join(world.folder, "admin-key.json"),
        }
      : {}),
    world: world.name,
    ports: sandbox ? [world.port, world.port + 1, world.port + 2] : [world.port],
    pids: Object.fromEntries(pids),
    people: told.people ?? [],
    trail: { folder: trailOf(world).ROLETRAIL_TRAIL },
    started_at: new Date().toISOString(),
  };
  const file = path.join(world.folder, "run.json");
  writeFileSync(`${file}.new`, JSON.stringify(run, null, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  say(`\nRoletrail is at ${run.app_url}  (ready in ${since(began)})`);
  for (const line of told.notices ?? []) say(line);
  if (!sandbox) return say(whatIsReal(world));
  say("Everything is simulated: the people, the accounts, the trail.\n\nWho can sign in:");
  for (const person of run.people) say(`  ${person.name.padEnd(18)} ${person.title}`);
  say(`\nFor AWS tools:  eval "$(npx roletrail sandbox env)"\n`);
}

/** Where people reach it: the app answers to that name and no other. */
const addressOf = ({ settings, port }) => settings.ROLETRAIL_URL ?? `http://localhost:${port}`;

/** What is behind the app, in one line: whose account is minted in, and which logs are read. */
export function whatIsReal(world) {
  const reading = world.trail === undefined ? undefined : `Reading ${world.trail}.`;
  if (world.kind !== "aws") return `${reading} Audit only: no AWS account is connected.`;
  const account = world.name.replace(/^aws-/, "");
  const minting = `Minting and revoking as this machine's identity in AWS account ${account}. This is real.`;
  return `${minting}\n${reading ?? "No trail is read: --trail s3://… or a folder names one, and the charts need it."}`;
}

/**
 * Where real logs or a real account are behind it, the app opens by a one-time link; Enter prints another. `family` tells
 * of each functions process as it gets ready: one that was started again has links to give as well.
 */
export function offerLinks(world, family) {
  if (world.kind === "sandbox" || world.settings.ROLETRAIL_LINK === "off") return;
  family.eachFunctions((functions) =>
    functions.on("message", (message) => {
      if (typeof message?.link !== "string") return;
      say(`Open it once, within 10 minutes (Enter prints another):\n  ${addressOf(world)}${message.link}`);
    }),
  );
  const print = () => {
    const functions = family.children.get("functions");
    if (functions?.connected) functions.send({ link: true });
    else progress("functions are being started again; press Enter in a moment");
  };
  print();
  if (process.stdin.isTTY) createInterface({ input: process.stdin }).on("line", print);
}
