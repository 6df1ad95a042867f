// `npm start`: the supervisor. Plain JavaScript without dependencies, because it runs before the install.
// It checks Node, installs and builds what is stale, makes the world, starts sandbox, functions and web, and keeps them.

import { readArguments } from "./start/arguments.mjs";
import { portsFree } from "./start/ports.mjs";
import { buildWhenStale, installWhenStale } from "./start/prepare.mjs";
import { isToBeLookedAt } from "./start/real.mjs";
import { hasCode, say, sentence } from "./start/say.mjs";
import { serve } from "./start/serve.mjs";
import { openWorld } from "./start/world.mjs";

async function main() {
  const options = readArguments(process.argv.slice(2), process.env);
  if (options.help) return say(options.help);
  const began = Date.now();
  installWhenStale();
  // What was said is looked at, and a real account asked for its name, before anything is opened.
  if (isToBeLookedAt(options)) await buildWhenStale({ only: "processes" });
  const world = await openWorld(options);
  await portsFree(world);
  await buildWhenStale({ beforeWeb: () => world.makeStory() });
  await world.makeStory();
  await serve(world, began);
}

main().catch((error) => {
  if (!hasCode(error)) throw error;
  sentence(error);
  process.exit(1);
});
