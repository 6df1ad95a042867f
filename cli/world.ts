import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { placesOf, readSettings } from "#/core/config.ts";
import { Refusal } from "#/core/refusal.ts";

/** What a running Roletrail tells outside programs (CONTRACTS §2): ports, URLs, people, the trail's folder. */
const Run = z.looseObject({
  app_url: z.string(),
  aws_url: z.string().optional(),
  trail: z.object({ folder: z.string().nullish() }).optional(),
  admin_key_file: z.string().optional(),
});
export type Run = z.infer<typeof Run> & { readonly folder: string };

/**
 * The world to ask: of ROLETRAIL_HOME, of the folder one stands in, or of the clone this command is part of.
 * @throws Refusal `functions.down` saying what would help.
 */
export function findRun(root: string): Run {
  const { home } = placesOf(readSettings());
  for (const folder of [home, path.join(root, ".roletrail")]) {
    const run = firstRun(folder);
    if (run !== null) return run;
  }
  throw new Refusal("functions.down", "No Roletrail was started here.", {
    help: "Start it with npm start, or name logs with --trail FOLDER.",
  });
}

/** The sandbox first: a laptop mostly has only that. */
function firstRun(home: string): Run | null {
  if (!existsSync(home)) return null;
  const worlds = readdirSync(home).sort((a, b) => Number(b === "sandbox") - Number(a === "sandbox"));
  for (const world of worlds) {
    const folder = path.join(home, world);
    const file = path.join(folder, "run.json");
    if (existsSync(file)) return { ...Run.parse(JSON.parse(readFileSync(file, "utf8"))), folder };
  }
  return null;
}
