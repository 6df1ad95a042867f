import { randomInt } from "node:crypto";
import type { AccessFile } from "#/core/access.ts";
import { type PinnedAccess, readPinnedAccess } from "#/core/access-s3.ts";
import type { Anchors } from "#/core/anchors.ts";
import { openAnchorKey } from "#/core/anchors-kms.ts";
import { anchorsInS3 } from "#/core/anchors-s3.ts";
import { placesOf, readSettings, type Settings } from "#/core/config.ts";
import { openLedger } from "#/core/ledger.ts";
import type { Issuer } from "#/core/mint/issuer.ts";
import { openKmsIssuer } from "#/core/mint/issuer-kms.ts";
import { openMints } from "#/core/mint/rows.ts";
import { guardLedger } from "#/core/reconcile.ts";
import { Refusal } from "#/core/refusal.ts";
import type { KeyName } from "#/core/secrets.ts";
import { readKeysOnAws } from "#/core/secrets-aws.ts";
import { openDynamoStore } from "#/core/store/dynamodb.ts";
import type { Store } from "#/core/store/index.ts";
import type { Trail } from "#/core/trail.ts";
import { openLambdaTrail } from "#/core/trail-lambda.ts";
import { openAws } from "./aws.ts";
import { once } from "./once.ts";
import { openSigninDoor } from "./provider.ts";
import type { World, Writer } from "./world.ts";

/**
 * The world of a Lambda: store in DynamoDB, keys from Secrets Manager, the issuer's key in KMS, the access file in S3, in
 * the version that was deployed. Opened once an instance; what a function may touch of it is its role's policy, not this.
 *
 * @param withAccess whether this function's role may read the access file.
 * @param withKeys whether it may read the keys that functions share.
 * @param trailAs which function this is, where it asks the trail: the door of `ask` that is its own.
 * @throws Refusal `config.invalid` for settings that are not there · `access.unread`, `access.swapped`, `access.invalid`.
 */
export async function openLambdaWorld({
  withAccess,
  withKeys,
  trailAs,
}: {
  readonly withAccess: boolean;
  readonly withKeys: boolean;
  readonly trailAs?: string;
}): Promise<World> {
  const settings = readSettings();
  const now = (): Date => new Date();
  const places = placesOf(settings);
  const store = openStore(settings, now);
  // Instances of one function write at once: each its own chain, as far as chance has it. Two in one lose races, no entry.
  const shard = randomInt(settings.ROLETRAIL_LEDGER_SHARDS) + 1;
  const ledger = once((writer: Writer) => openLedger(store, `${writer}-${shard}`, now));
  // What is missing is refused before AWS is asked: a call begun then would fail with nobody waiting, which ends a Lambda.
  const secret = withKeys ? (settings.ROLETRAIL_SECRETS ?? needs("ROLETRAIL_SECRETS")) : null;
  const pinned = withAccess ? pinnedOf(settings) : null;
  const [keys, file] = await Promise.all([
    secret === null ? null : readKeysOnAws(secret),
    pinned === null ? null : readPinnedAccess(pinned),
  ]);
  const access = (): AccessFile => {
    if (file !== null) return file;
    throw new Error("this function was not given the access file");
  };
  const signin = openSigninDoor(settings, access);
  const trail = { current: trailAs === undefined ? null : trailOf(settings, trailAs, store) };
  const base = { settings, places, now, access, store, ledger, mints: openMints(store), trail };
  const key = (name: KeyName): Uint8Array => {
    if (name !== "cookie" && keys !== null) return keys[name];
    throw new Error(`this function was not given the key ${name}`);
  };
  const guard = settings.ROLETRAIL_ANCHORS === undefined ? null : guardLedger(store, () => openAnchors(settings), now);
  return {
    ...base,
    key,
    signin,
    aws: openAws(
      base,
      () => openIssuer(base),
      () => null,
      guard,
    ),
  };
}

function pinnedOf({
  ROLETRAIL_ACCESS: place,
  ROLETRAIL_ACCESS_VERSION: version,
  ROLETRAIL_ACCESS_SHA256: sha256,
}: Settings): PinnedAccess {
  return {
    place: place?.startsWith("s3://") ? place : needs("ROLETRAIL_ACCESS"),
    version: version ?? needs("ROLETRAIL_ACCESS_VERSION"),
    sha256: sha256 ?? needs("ROLETRAIL_ACCESS_SHA256"),
  };
}

/** By way of `ask`, which alone may ask Athena. */
function trailOf({ ROLETRAIL_FUNCTIONS: functions }: Settings, as: string, store: Store): Trail {
  return openLambdaTrail(`${functions ?? needs("ROLETRAIL_FUNCTIONS")}ask:${as}`, store);
}

type Base = Pick<World, "settings" | "ledger">;

async function openIssuer({ settings, ledger }: Base): Promise<Issuer> {
  const [key] = issuerKeysOf(settings);
  return openKmsIssuer(settings.ROLETRAIL_ISSUER, {
    key: key ?? needs("ROLETRAIL_ISSUER_KEY"),
    ledger: ledger("mint"),
  });
}

/** Where the ledger's heads are anchored, and the key that signs them. @throws Refusal `config.invalid`. */
export async function openAnchors({ ROLETRAIL_ANCHORS: where, ROLETRAIL_ANCHOR_KEY: key }: Settings): Promise<Anchors> {
  return {
    place: anchorsInS3(where ?? needs("ROLETRAIL_ANCHORS")),
    key: await openAnchorKey(key ?? needs("ROLETRAIL_ANCHOR_KEY")),
  };
}

/** The issuer's keys, the one that signs first. */
export const issuerKeysOf = ({ ROLETRAIL_ISSUER_KEY: keys }: Settings): readonly string[] => keys?.split(",") ?? [];

function openStore({ ROLETRAIL_STORE: place }: Settings, now: () => Date): Store {
  const [state, ledger] = place?.slice("dynamodb:".length).split(",") ?? [];
  if (state === undefined || ledger === undefined) return needs("ROLETRAIL_STORE");
  return openDynamoStore({ state, ledger }, { now: () => now().getTime() });
}

function needs(name: string): never {
  throw new Refusal("config.invalid", `This function needs ${name}.`, { help: `See docs/config.md for ${name}.` });
}
