// `npm start`: the supervisor. Plain JavaScript without dependencies, because it runs before the install.
// It checks Node, installs and builds what is stale, makes the world, starts sandbox, functions and web, and keeps them.

import { readArguments } from "./start/arguments.mjs";
import { portsFree } from "./start/ports.mjs";
import { buildWhenStale, installWhenStale } from "./start/prepare.mjs";
import { hasCode, say, sentence } from "./start/say.mjs";
import { serve } from "./start/serve.mjs";
import { openWorld } from "./start/world.mjs";

async function main() {
  const options = readArguments(process.argv.slice(2), process.env);
  if (options.help) return say(options.help);
  const began = Date.now();
  installWhenStale();
  // A real account or bucket is asked for its name, and its sign-in looked at, before anything is opened.
  if (options.kind === "aws" || options.trail?.startsWith("s3://")) await buildWhenStale({ only: "processes" });
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
