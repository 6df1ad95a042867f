import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import type { AccessFile } from "#/core/access.ts";
import { type Places, placesOf, readSettings, type Settings } from "#/core/config.ts";
import type { Credentials, FunctionName, OutputOf, ParsedInputOf } from "#/core/invoke.ts";
import { type Ledger, openLedger } from "#/core/ledger.ts";
import { type Issuer, openIssuer } from "#/core/mint/issuer.ts";
import { type Fetching, openPublication, type Publication } from "#/core/mint/published.ts";
import { type Mints, openMints } from "#/core/mint/rows.ts";
import { type KeyName, readKey } from "#/core/secrets.ts";
import type { Store } from "#/core/store/index.ts";
import { openLibsqlStore } from "#/core/store/libsql.ts";
import type { Trail } from "#/core/trail.ts";
import { accessReader } from "./access-file.ts";
import { type Aws, openAws } from "./aws.ts";
import { accessByLink, hasLink } from "./link.ts";
import { once } from "./once.ts";
import { openSigninDoor, type SigninDoor } from "./provider.ts";

/** What every function is handed first: settings, places, the clock, the access file, the store. Built once a process. */
export interface World {
  readonly settings: Settings;
  readonly places: Places;
  readonly now: () => Date;
  /** The access file as it stands. @throws Refusal `access.invalid`. */
  readonly access: () => AccessFile;
  readonly store: Store;
  /** The ledger as this function writes it: shard `<writer>-<n>`, one a process. Opened once a writer. */
  readonly ledger: (writer: Writer) => Ledger;
  /** A key of `<world>/secrets/`, made once. */
  readonly key: (name: KeyName) => Uint8Array;
  /** Which mints there are, from the ledger. */
  readonly mints: Mints;
  /** The AWS accounts behind this world; null where only logs are read. */
  readonly aws: Aws | null;
  /** The trail as core asks it; null until it is read, or where there is none. */
  readonly trail: { current: Trail | null };
  /** The sign-in issuer of the access file, with its keys. @throws Refusal `signin.provider`. */
  readonly signin: SigninDoor;
}

/** Functions that write the ledger, each its own shard. */
export type Writer = "mint" | "revoke" | "vault" | "read" | "ask" | "sweep" | "reconcile";

export type Handler<Name extends FunctionName> = (
  world: World,
  caller: Credentials,
  input: ParsedInputOf<Name>,
) => Promise<OutputOf<Name>>;

export function openWorld(
  settings: Settings = readSettings(),
  now: () => Date = () => new Date(),
  fetching: Fetching = fetch,
): World {
  const places = placesOf(settings);
  mkdirSync(places.world, { recursive: true, mode: 0o700 });
  const store = openLibsqlStore(places.store, { now: () => now().getTime() });
  const ledger = once((writer: Writer) => openLedger(store, `${writer}-1`, now));
  const key = once((name: KeyName) => readKey(places.secrets, name));
  const fromFile = accessReader(places.access);
  const access = (): AccessFile => (opensByLinkAlone(settings, places) ? accessByLink(key("person")) : fromFile());
  const signin = openSigninDoor(settings, access);
  const base = { settings, places, now, access, store, ledger, mints: openMints(store), trail: { current: null } };
  const logsOnly = settings.ROLETRAIL_WORLD.startsWith("trail-");
  const file = path.join(places.secrets, "issuer.json");
  const issuer = () => openIssuer(settings.ROLETRAIL_ISSUER, { file, folder: places.issuer, now });
  const asks = settings.ROLETRAIL_ISSUER_CHECK ?? (settings.ROLETRAIL_WORLD === "sandbox" ? "off" : "on");
  const published = (opened: () => Promise<Issuer>): Publication | null =>
    asks === "on" ? openPublication(opened, { now, folder: places.issuer, fetch: fetching }) : null;
  return { ...base, key, signin, aws: logsOnly ? null : openAws(base, issuer, published) };
}

/** Logs without an access file: whoever opened the one-time link sees all of them (CONTRACTS §2). */
function opensByLinkAlone(settings: Settings, places: Places): boolean {
  const logsOnly = settings.ROLETRAIL_WORLD.startsWith("trail-") && hasLink({ settings });
  return logsOnly && !existsSync(places.access);
}
