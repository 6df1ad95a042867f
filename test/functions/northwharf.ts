import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { placesOf, type Settings, settings } from "#/core/config.ts";
import { personId } from "#/core/ids.ts";
import { type Entry, readLedger, shardsOf } from "#/core/ledger.ts";
import type { Minter } from "#/core/mint/minter.ts";
import type { Person } from "#/core/person.ts";
import { openWorld, type World } from "#/functions/world.ts";
import { type Aws, startAws } from "#/sandbox/aws/server.ts";
import type { Organisation } from "#/sandbox/aws/state.ts";
import { cast } from "#/sandbox/story/cast.ts";
import { organisation } from "#/sandbox/story/organisation.ts";
import { furnish } from "#/sandbox/story/world.ts";

/** The story's organisation without its past, with the sandbox account running in this process. */
export interface Northwharf {
  readonly world: World;
  readonly aws: Aws;
  readonly person: (name: string) => Person;
  readonly ledger: () => Promise<readonly Entry[]>;
  /** AWS as an outside program would see it, as far as kept on disk. */
  readonly state: () => Organisation;
  readonly close: () => Promise<void>;
}

export const signinIssuer = "https://signin.roletrail.test";

export async function openNorthwharf(
  more: { now?: () => Date; edit?: (state: Organisation) => void } = {},
): Promise<Northwharf> {
  const home = mkdtempSync(path.join(tmpdir(), "northwharf-"));
  const given: Settings = settings.parse({ ROLETRAIL_HOME: home });
  const places = placesOf(given);
  const state = organisation();
  more.edit?.(state);
  furnish(places, state);
  const now = more.now ?? (() => new Date());
  const aws = await startAws({
    port: 0,
    world: places.world,
    delaySeconds: 0,
    issuer: given.ROLETRAIL_ISSUER,
    log: (text) => console.error(text),
    now,
  });
  const key = JSON.parse(readFileSync(path.join(places.secrets, "functions-aws.json"), "utf8"));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: key.region,
    AWS_ACCESS_KEY_ID: key.access_key_id,
    AWS_SECRET_ACCESS_KEY: key.secret_access_key,
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  });
  const world = openWorld(given, now);
  return {
    world,
    aws,
    person: (name) => personNamed(world, name, now()),
    ledger: () => wholeLedger(world),
    state: () => JSON.parse(readFileSync(path.join(places.world, "aws.json"), "utf8")),
    close: async () => {
      await world.store.close();
      await aws.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function personNamed(world: World, name: string, at: Date): Person {
  const member = cast.find((one) => one.name === name);
  if (member === undefined) throw new Error(`nobody is called ${name}`);
  return {
    id: personId(world.key("person"), signinIssuer, member.sub),
    issuer: signinIssuer,
    claim: member.sub,
    groups: member.groups,
    groups_state: "complete",
    name,
    authenticated_at: at.toISOString().replace(/\.\d{3}Z$/, "Z"),
    via: "browser",
  };
}

async function wholeLedger({ store }: World): Promise<readonly Entry[]> {
  const shards = await shardsOf(store);
  return (await Promise.all(shards.map((shard) => readLedger(store, shard, 0, 10_000)))).flat();
}

/** @throws where this world has no account. */
export function minterOf({ aws }: World): Minter {
  if (aws === null) throw new Error("no account");
  return aws.minter;
}

/** @throws where this world has no account. */
export function awsOfWorld({ aws }: World): NonNullable<World["aws"]> {
  if (aws === null) throw new Error("no account");
  return aws;
}
