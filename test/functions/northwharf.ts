import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import { placesOf, type Settings, settings } from "#/core/config.ts";
import { personId } from "#/core/ids.ts";
import type { Credentials } from "#/core/invoke.ts";
import { type Entry, readLedger, shardsOf } from "#/core/ledger.ts";
import type { Minter } from "#/core/mint/minter.ts";
import type { Fetching } from "#/core/mint/published.ts";
import type { Person } from "#/core/person.ts";
import { digest, nonceOf } from "#/core/proof.ts";
import type { Ticket } from "#/core/wire.ts";
import type { VaultAnswer, VaultRequest } from "#/core/wire-signin.ts";
import { vault } from "#/functions/vault.ts";
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
  /** Signed in at a provider played here, with a browser's key of their own. */
  readonly signIn: (name: string, change?: Record<string, unknown>, put?: PutSignin) => Promise<SignedIn>;
  readonly ledger: () => Promise<readonly Entry[]>;
  /** AWS as an outside program would see it, as far as kept on disk. */
  readonly state: () => Organisation;
  readonly close: () => Promise<void>;
}

/** How a sign-in reaches the vault: its handler in this process, unless told. */
export type PutSignin = (input: Extract<VaultRequest, { action: "put" }>) => Promise<VaultAnswer>;

export interface SignedIn {
  readonly person: Person;
  readonly ticket: Ticket;
  /** What a page sends with a deed: the ticket and a proof for this very request, fresh unless it is of another time. */
  readonly deed: (name: "mint" | "revoke", input: unknown, at?: Date) => Promise<Credentials>;
}

export const signinIssuer = "https://signin.roletrail.test";

export async function openNorthwharf(
  more: {
    now?: () => Date;
    edit?: (state: Organisation) => void;
    /** Another world than the sandbox's, over the same sandbox account: what `--aws` opens. */
    world?: string;
    fetching?: Fetching;
    put?: PutSignin;
  } = {},
): Promise<Northwharf> {
  const home = mkdtempSync(path.join(tmpdir(), "northwharf-"));
  const provider = await playProvider();
  const given: Settings = settings.parse({
    ROLETRAIL_HOME: home,
    ROLETRAIL_OIDC_DISCOVERY: provider.discovery,
    ...(more.world === undefined ? {} : { ROLETRAIL_WORLD: more.world, ROLETRAIL_LINK: "off" }),
  });
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
  const world = openWorld(given, now, more.fetching);
  return {
    world,
    aws,
    person: (name) => personNamed(world, name, now()),
    signIn: (name, change = {}, put = more.put ?? ((input) => vault(world, {}, input))) =>
      signIn({ world, provider, put }, name, change),
    ledger: () => wholeLedger(world),
    state: () => JSON.parse(readFileSync(path.join(places.world, "aws.json"), "utf8")),
    close: async () => {
      await world.store.close();
      await aws.close();
      provider.close();
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

interface Provider {
  readonly discovery: string;
  readonly idToken: (claims: Record<string, unknown>, at: Date) => Promise<string>;
  readonly close: () => void;
}

async function playProvider(): Promise<Provider> {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const keys = [{ ...(await exportJWK(publicKey)), kid: "one", alg: "RS256" }];
  const server = http.createServer((asked, answer) => {
    const body = asked.url === "/keys" ? { keys } : { issuer: signinIssuer, jwks_uri: `${own()}/keys` };
    answer.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const own = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    discovery: `${own()}/.well-known/openid-configuration`,
    idToken: (claims, at) => {
      const seconds = Math.floor(at.getTime() / 1000);
      return new SignJWT({ auth_time: seconds, ...claims })
        .setProtectedHeader({ alg: "RS256", kid: "one" })
        .setIssuer(signinIssuer)
        .setAudience("roletrail")
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + 3600)
        .sign(privateKey);
    },
    close: () => void server.close(),
  };
}

async function signIn(
  { world, provider, put }: { world: World; provider: Provider; put: PutSignin },
  name: string,
  change: Record<string, unknown>,
): Promise<SignedIn> {
  const person = personNamed(world, name, world.now());
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const jwk = await exportJWK(publicKey);
  const jkt = await calculateJwkThumbprint(jwk);
  const n = randomBytes(32).toString("base64url");
  const claims = { sub: person.claim, name, groups: person.groups, nonce: nonceOf(jkt, n), ...change };
  const id_token = await provider.idToken(claims, world.now());
  const { session } = await put({ action: "put", id_token, jkt, n, renews: null });
  const ticket = session?.ticket;
  if (ticket === undefined) throw new Error("not signed in");
  return {
    person,
    ticket,
    deed: async (deed, input, at = world.now()) => ({
      ticket,
      proof: await new SignJWT({ deed, req: digest(input) })
        .setProtectedHeader({ alg: "ES256", typ: "roletrail-proof+jwt", jwk, n })
        .setJti(randomBytes(16).toString("base64url"))
        .setIssuedAt(Math.floor(at.getTime() / 1000))
        .sign(privateKey),
    }),
  };
}
