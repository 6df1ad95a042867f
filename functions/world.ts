import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { AccessFile } from "#/core/access.ts";
import { type Places, placesOf, readSettings, type Settings } from "#/core/config.ts";
import type { Credentials, FunctionName, OutputOf, ParsedInputOf } from "#/core/invoke.ts";
import { Refusal } from "#/core/refusal.ts";

/** What every function is handed first: settings, places, the clock and the access file. Built once a process. */
export interface World {
  readonly settings: Settings;
  readonly places: Places;
  readonly now: () => Date;
  /** The access file as it stands. @throws Refusal `access.invalid`. */
  readonly access: () => AccessFile;
}

export type Handler<Name extends FunctionName> = (
  world: World,
  caller: Credentials,
  input: ParsedInputOf<Name>,
) => Promise<OutputOf<Name>>;

export function openWorld(): World {
  const settings = readSettings();
  const places = placesOf(settings);
  return { settings, places, now: () => new Date(), access: () => readAccess(places.access) };
}

function readAccess(file: string): AccessFile {
  const parsed = AccessFile.safeParse(parse(readFileSync(file, "utf8")));
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  throw new Refusal("access.invalid", `${file}: ${first?.path.join(".")}: ${first?.message}.`, {
    help: "Correct the file; docs/access.schema.json describes it.",
  });
}
