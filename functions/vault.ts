import { createCipheriv, createDecipheriv, createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { decodeJwt } from "jose";
import { z } from "zod";
import { IdTokenClaims, idTokenSecondsMax, signinSecondsMax, verifyIdToken } from "#/core/id-token.ts";
import type { Credentials, FunctionName } from "#/core/invoke.ts";
import { remember } from "#/core/people.ts";
import type { Person } from "#/core/person.ts";
import { groupsAreOnlyIds, personOf } from "#/core/person-of.ts";
import { judgeProof, nonceOf, type Proven, spend } from "#/core/proof.ts";
import { Refusal } from "#/core/refusal.ts";
import { wholeSeconds } from "#/core/time.ts";
import type { Ticket } from "#/core/wire.ts";
import type { Session, VaultAnswer, VaultRequest } from "#/core/wire-signin.ts";
import { closeLink, expectLink, openLink, ownerByLink } from "./link.ts";
import { signinTerms } from "./provider.ts";
import type { Handler, World } from "./world.ts";

/**
 * The id_tokens of who is signed in. Each is sealed with a key that only that browser's cookie holds: who reads the
 * store has none, who has an old cookie has none either, for every renewal makes a new key.
 */
export const vault: Handler<"vault"> = async (world, caller, input) => {
  switch (input.action) {
    case "put":
      return { session: await put(world, caller, input) };
    case "alive":
      return { session: sessionOf(await open(world, caller.ticket)) };
    case "delete":
      return end(world, caller.ticket);
    case "open-link":
      return { link: await openLink(world, input.code) };
  }
};

/**
 * Who reads: the one who signed in, whomever web names. Lasts as long as the session; the token's own end binds deeds.
 * @throws Refusal `signin.required` without a ticket, `signin.expired`, `groups.*`.
 */
export async function openReader(world: World, ticket: Ticket | undefined): Promise<Person> {
  return (await open(world, ticket)).person;
}

/**
 * Who does this deed: ticket and proof of `caller`, for this very `input` as the function parsed it (so a deed's input
 * schema has no defaults). `deed` is the function's name.
 * @throws Refusal `signin.*`, `proof.*`, `groups.*`.
 */
export async function verifyDeed(
  world: World,
  caller: Credentials,
  deed: FunctionName,
  input: unknown,
): Promise<Person> {
  return spend(world.store, await judgeDeed(world, caller, deed, input));
}

/** As `verifyDeed`, but for the proof's spending, which the deed itself must write before it does anything. */
export async function judgeDeed(
  world: World,
  caller: Credentials,
  deed: FunctionName,
  input: unknown,
): Promise<Proven> {
  const ticket = required(caller.ticket);
  if ((await ownerByLink(world, ticket)) !== null)
    throw new Refusal("signin.required", "This session was opened by the link, not by a company sign-in.", {
      help: "Connect a sign-in provider (issuers in the access file) to do this.",
    });
  const held = await heldBy(world, ticket);
  if (caller.proof === undefined)
    throw new Refusal("proof.missing", "The request carries no proof of who makes it.", {
      help: "Make it from the page, which signs each request.",
    });
  const court = { issuer: await world.signin(), personKey: world.key("person"), store: world.store, now: world.now };
  return judgeProof(court, { idToken: held.id_token, proof: caller.proof, deed, request: input });
}

type Put = Extract<VaultRequest, { action: "put" }>;

async function put(world: World, caller: Credentials, input: Put): Promise<Session> {
  await expectLink(world, input.link);
  const issuer = await world.signin();
  const claims = await verifyIdToken(issuer, input.id_token, world.now());
  if (claims.nonce !== nonceOf(input.jkt, input.n))
    throw new Refusal("proof.nonce", "The sign-in was made for another browser's key.", { help: "Sign in again." });
  const person = personOf(issuer, claims, world.key("person"), "browser");
  expectNamedGroups(world, person);
  const sid = await sidFor(world, caller.ticket, person, input);
  const held = { id_token: input.id_token, jkt: input.jkt, n: input.n };
  const key = randomBytes(32).toString("base64url");
  const value: Sealed = { person_id: person.id, ...seal(held, { sid, key }) };
  await world.store.put({ partition, sort: sid, value, expires_at: endOf(claims) }, { any: true });
  await noteKey(world, person, input);
  return { ticket: { sid, key }, ...sessionOf({ person, held, claims }) };
}

/** A renewal keeps its session id and takes only the same person; a new sign-in ends what the browser had before. */
async function sidFor(world: World, old: Ticket | undefined, person: Person, { renews }: Put): Promise<string> {
  const fresh = randomBytes(18).toString("base64url");
  if (renews === null) {
    await end(world, old);
    return fresh;
  }
  const row = old && Sealed.or(Ended).safeParse((await world.store.get(partition, old.sid))?.value).data;
  if (row !== undefined && "ended" in row)
    throw new Refusal("signin.expired", "This session was signed out.", { help: "Sign in again." });
  if (renews === person.id && (row === undefined || row.person_id === person.id)) return old?.sid ?? fresh;
  throw new Refusal("signin.other-person", "Somebody else is signed in at the company's sign-in now.", {
    help: "Sign out there, or sign in here as that person.",
  });
}

/** A key this person never used before is worth knowing: it goes to the ledger, once. */
async function noteKey(world: World, person: Person, { jkt, renews }: Put): Promise<void> {
  const row = { partition: `person-keys#${person.id}`, sort: jkt, value: { at: world.now().toISOString() } };
  await remember(world.store, person, world.now());
  const ledger = world.ledger("vault");
  const isNew = await world.store.put(row, { absent: true });
  if (isNew) await ledger.append({ kind: "key.new", body: { person_id: person.id, thumbprint: jkt, via: person.via } });
  if (renews !== null) return;
  const { authenticated_at } = person;
  const body = { person_id: person.id, via: person.via, thumbprint: jkt, authenticated_at };
  await ledger.append({ kind: "signed-in", body });
}

function expectNamedGroups(world: World, person: Person): void {
  const { grants, powers } = world.access();
  if ([...grants, ...powers].some((rule) => rule.people.includes(person.id))) return;
  const named = [...grants, ...powers].flatMap((rule) => rule.groups);
  if (!groupsAreOnlyIds(person.groups, named)) return;
  throw new Refusal("groups.ids", "Your sign-in lists your groups by ids, and the access file knows groups by name.", {
    help: "Let the provider put names into the groups claim, or write the ids into the access file's groups.",
  });
}

interface Opened {
  readonly person: Person;
  /** Null for who came by the link. */
  readonly held: Held | null;
  readonly claims: IdTokenClaims | null;
}

async function open(world: World, given: Ticket | undefined): Promise<Opened> {
  const ticket = required(given);
  const owner = await ownerByLink(world, ticket);
  if (owner !== null) return { person: owner, held: null, claims: null };
  const held = await heldBy(world, ticket);
  // Its signature was verified when it was put, and the seal shows it is the same since.
  const claims = IdTokenClaims.parse(decodeJwt(held.id_token));
  const terms = signinTerms(world.access());
  if (claims["iss"] !== terms.issuer) throw ended();
  const person = personOf(terms, claims, world.key("person"), "browser");
  return { person, held, claims };
}

function required(ticket: Ticket | undefined): Ticket {
  if (ticket !== undefined) return ticket;
  throw new Refusal("signin.required", "Nobody is signed in here.", { help: "Sign in." });
}

/** What the vault keeps for this ticket. @throws Refusal `signin.expired`. */
async function heldBy(world: World, ticket: Ticket): Promise<Held> {
  const row = Sealed.safeParse((await world.store.get(partition, ticket.sid))?.value);
  if (!row.success || !sameText(row.data.tag, tagOf(ticket.key))) throw ended();
  return unseal(row.data, ticket);
}

function sessionOf({ person, held, claims }: Opened): Omit<Session, "ticket"> {
  const whole = { ...person, groups: [...person.groups] };
  const seconds = (at: number): string => wholeSeconds(new Date(at * 1000));
  const ends_at = seconds(Date.parse(person.authenticated_at) / 1000 + signinSecondsMax);
  if (held === null || claims === null) return { person: whole, bond: null, renew_at: null, ends_at, notices: [] };
  const bond = { jkt: held.jkt, n: held.n };
  return { person: whole, bond, renew_at: seconds(renewalOf(claims)), ends_at, notices: noticesOf(claims) };
}

/** Five minutes before the token ends, or at half its life where that is shorter (providers whose tokens live 5 min). */
function renewalOf(claims: IdTokenClaims): number {
  const end = Math.min(claims.exp, claims.iat + idTokenSecondsMax);
  return Math.floor(end - Math.min(300, (end - claims.iat) / 2));
}

function noticesOf(claims: IdTokenClaims): string[] {
  if (claims["email_verified"] !== false) return [];
  return [
    "The sign-in provider has not verified your e-mail address. It gives no rights here: people are known by the provider's own id.",
  ];
}

async function end(world: World, ticket: Ticket | undefined): Promise<VaultAnswer> {
  if (ticket === undefined) return {};
  await closeLink(world, ticket);
  const row = await world.store.get(partition, ticket.sid);
  const sealed = Sealed.safeParse(row?.value);
  if (row === null || !sealed.success) return {};
  // A mark stays until the session would have ended, so that a renewal under way in another tab does not revive it.
  const mark = { partition, sort: ticket.sid, value: { ended: true }, expires_at: row.expires_at };
  await world.store.put(mark, { any: true });
  await world.ledger("vault").append({ kind: "signed-out", body: { person_id: sealed.data.person_id } });
  return {};
}

const partition = "vault";

const Sealed = z.strictObject({ person_id: z.string(), tag: z.string(), iv: z.string(), sealed: z.string() });
type Sealed = z.infer<typeof Sealed>;
const Ended = z.strictObject({ ended: z.literal(true) });
const Held = z.strictObject({ id_token: z.string(), jkt: z.string(), n: z.string() });
type Held = z.infer<typeof Held>;

/** AES-256-GCM, the session id as additional data: a row moved under another id does not open. The key seals once. */
function seal(held: Held, { sid, key }: Ticket): Omit<Sealed, "person_id"> {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", Buffer.from(key, "base64url"), iv).setAAD(Buffer.from(sid));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(held), "utf8"), cipher.final(), cipher.getAuthTag()]);
  return { tag: tagOf(key), iv: iv.toString("base64url"), sealed: sealed.toString("base64url") };
}

function unseal(row: Sealed, { sid, key }: Ticket): Held {
  const sealed = Buffer.from(row.sealed, "base64url");
  const iv = Buffer.from(row.iv, "base64url");
  try {
    const cipher = createDecipheriv("aes-256-gcm", Buffer.from(key, "base64url"), iv).setAAD(Buffer.from(sid));
    cipher.setAuthTag(sealed.subarray(-16));
    const text = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]).toString("utf8");
    return Held.parse(JSON.parse(text));
  } catch {
    throw ended();
  }
}

const tagOf = (key: string): string => createHash("sha256").update(key).digest("base64url");

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

const endOf = (claims: IdTokenClaims): number => (claims.auth_time + signinSecondsMax) * 1000;

const ended = (): Refusal => new Refusal("signin.expired", "This session has ended.", { help: "Sign in again." });
