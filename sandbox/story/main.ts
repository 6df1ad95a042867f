import { existsSync } from "node:fs";
import { placesOf, readSettings } from "#/core/config.ts";
import { tell } from "./tell.ts";

/** `node .build/story.mjs`: makes the sandbox's world once. Over a told world it changes nothing. */
const places = placesOf(readSettings());
const done = `${places.world}/story-truth.json`;
if (existsSync(done)) process.stderr.write("story: already told\n");
else await tell(places, new Date(), (line) => process.stderr.write(`story: ${line}\n`));
