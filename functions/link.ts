import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { type AccessFile, powers } from "#/core/access.ts";
import { signinSecondsMax } from "#/core/id-token.ts";
import { personId } from "#/core/ids.ts";
import type { Person } from "#/core/person.ts";
import { Refusal } from "#/core/refusal.ts";
import { wholeSeconds } from "#/core/time.ts";
import type { Ticket } from "#/core/wire.ts";
import type { World } from "./world.ts";

/**
 * The one-time link of worlds with real logs or a real account behind them: the start asks for one and prints it on the
 * terminal, a browser swaps its code once for a cookie. The path carries the code behind `#`, so it is in no request
 * line and no log; the store holds only its hash.
 */
export async function newLink(world: World): Promise<string> {
  const code = randomBytes(24).toString("base64url");
  const expires_at = world.now().getTime() + codeSecondsMax * 1000;
  await world.store.put(
    { partition: codes, sort: hashOf(code), value: { spent: false }, expires_at },
    { absent: true },
  );
  return `/open#${code}`;
}

/** @throws Refusal `signin.failed` for a code that was never made, was spent, or is older than 10 minutes. */
export async function openLink(
  world: World,
  code: string,
): Promise<{ ticket: Ticket; enough: boolean; ends_at: string }> {
  await spend(world, hashOf(code));
  const ticket = { sid: randomBytes(18).toString("base64url"), key: randomBytes(32).toString("base64url") };
  const expires_at = world.now().getTime() + signinSecondsMax * 1000;
  const value = { tag: hashOf(ticket.key), opened_at: world.now().toISOString() };
  await world.store.put({ partition: opened, sort: ticket.sid, value, expires_at }, { absent: true });
  return { ticket, enough: isOwned(world), ends_at: wholeSeconds(new Date(expires_at)) };
}

async function spend(world: World, sort: string): Promise<void> {
  const row = await world.store.get(codes, sort);
  if (row === null)
    throw new Refusal("signin.failed", "This link is too old, or Roletrail never printed it.", { help: another });
  const spent = { partition: codes, sort, value: { spent: true }, expires_at: row.expires_at };
  // Version 1 is a code as it was made: of two browsers at once only one gets it.
  if (row.version !== 1 || !(await world.store.put(spent, { version: 1 })))
    throw new Refusal("signin.failed", "This link was used before. A link opens Roletrail once.", { help: another });
}

export async function closeLink(world: World, ticket: Ticket): Promise<void> {
  if (await isOpened(world, ticket)) await world.store.remove(opened, ticket.sid);
}

/** Whether this world opens by a link: on every laptop but in the sandbox, where nothing is real. AWS has no terminal. */
export function hasLink({ settings }: Pick<World, "settings">): boolean {
  const needsNone = settings.ROLETRAIL_WORLD === "sandbox" || settings.ROLETRAIL_STORE !== undefined;
  return (settings.ROLETRAIL_LINK ?? (needsNone ? "off" : "on")) === "on";
}

/** @throws Refusal `signin.required` where this world opens by a link and this browser did not come by one. */
export async function expectLink(world: World, ticket: Ticket | undefined): Promise<void> {
  if (!hasLink(world)) return;
  if (ticket !== undefined && (await isOpened(world, ticket))) return;
  throw new Refusal("signin.required", "Roletrail opens here by the link that its start printed on the terminal.", {
    help: another,
  });
}

/** The one person of a world that has logs but no access file: whoever opened the link sees all of it. */
export async function ownerByLink(world: World, ticket: Ticket): Promise<Person | null> {
  if (!isOwned(world) || !(await isOpened(world, ticket))) return null;
  const row = LinkRow.parse((await world.store.get(opened, ticket.sid))?.value);
  return {
    id: ownerId(world.key("person")),
    issuer: linkIssuer,
    claim: "owner",
    groups: [],
    groups_state: "complete",
    name: "You, by the link",
    authenticated_at: `${row.opened_at.slice(0, 19)}Z`,
    via: "browser",
  };
}

/** What a world without an access file allows: its one person sees, asks and exports; there is nothing to mint. */
export function accessByLink(personKey: Uint8Array): AccessFile {
  const may = powers.filter((power) => power === "ask-sql" || power === "export" || power.startsWith("see-"));
  return {
    version: 1,
    issuers: [
      {
        issuer: linkIssuer,
        client_id: "none",
        claim: "sub",
        groups_claim: "groups",
        name_claim: "name",
        scope: "openid",
      },
    ],
    accounts: [],
    roles: [],
    grants: [],
    powers: [{ groups: [], people: [ownerId(personKey)], may, accounts: "*" }],
    session_names: "readable",
  };
}

export const isLinkIssuer = (issuer: string): boolean => issuer === linkIssuer;

/** Never asked for anything: a name for the person id only. */
const linkIssuer = "https://link.roletrail.test";
const ownerId = (personKey: Uint8Array): string => personId(personKey, linkIssuer, "owner");
const codes = "link-code";
const opened = "link";
const codeSecondsMax = 600;
const hashOf = (text: string): string => createHash("sha256").update(text).digest("base64url");
const another = "Press Enter in the terminal where Roletrail runs: it prints another link.";

function isOwned(world: World): boolean {
  return hasLink(world) && isLinkIssuer(world.access().issuers[0]?.issuer ?? "");
}

const LinkRow = z.strictObject({ tag: z.string(), opened_at: z.string() });

async function isOpened(world: World, ticket: Ticket): Promise<boolean> {
  const row = LinkRow.safeParse((await world.store.get(opened, ticket.sid))?.value);
  return row.success && sameText(row.data.tag, hashOf(ticket.key));
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
