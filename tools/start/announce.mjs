import { renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { trailOf } from "./environment.mjs";
import { say, since } from "./say.mjs";

/** run.json is where outside programs begin. Never a secret, never the one-time link. */
export function announce(world, told, pids, began) {
  const sandbox = world.kind === "sandbox";
  const run = {
    app_url: `http://localhost:${world.port}`,
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
  if (!sandbox) return say(`Reading ${world.trail}. Audit only: no AWS account is connected.`);
  say("Everything is simulated: the people, the accounts, the trail.\n\nWho can sign in:");
  for (const person of run.people) say(`  ${person.name.padEnd(18)} ${person.title}`);
  say(`\nFor AWS tools:  eval "$(npx roletrail sandbox env)"\n`);
}

/** Where real logs or a real account are behind it, the app opens by a one-time link; Enter prints another. */
export function offerLinks(world, functions) {
  if (world.kind === "sandbox") return;
  functions().on("message", (message) => {
    if (typeof message?.link !== "string") return;
    say(`Open it once, within 10 minutes (Enter prints another):\n  http://localhost:${world.port}${message.link}`);
  });
  const print = () => functions()?.send({ link: true });
  print();
  if (process.stdin.isTTY) createInterface({ input: process.stdin }).on("line", print);
}
