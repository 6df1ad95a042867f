import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { type AccessFile, powers } from "#/core/access.ts";
import { signinSecondsMax } from "#/core/id-token.ts";
import { personId } from "#/core/ids.ts";
import type { Person } from "#/core/person.ts";
import { Refusal } from "#/core/refusal.ts";
import type { Ticket } from "#/core/wire.ts";
import type { World } from "./world.ts";

/**
 * The one-time link of worlds with real logs or a real account behind them: the start prints it on the terminal
 * (`tools/start/link.mjs` makes the code), a browser swaps it once for a cookie. A code is
 * `<id, 22 characters>.<end, epoch seconds>.<HMAC-SHA-256 of both>`, all base64url; only start and functions hold its key.
 */
export async function openLink(
  world: World,
  code: string,
): Promise<{ ticket: Ticket; enough: boolean; ends_at: string }> {
  const id = spendable(world, code);
  const now = world.now().getTime();
  const once = { partition: "link-code", sort: id, value: {}, expires_at: now + 24 * 3_600_000 };
  if (!(await world.store.put(once, { absent: true })))
    throw new Refusal("signin.failed", "This link was used before. A link opens Roletrail once.", { help: another });
  const ticket = { sid: randomBytes(18).toString("base64url"), key: randomBytes(32).toString("base64url") };
  const expires_at = now + signinSecondsMax * 1000;
  const value = { tag: tagOf(ticket), opened_at: world.now().toISOString() };
  await world.store.put({ partition: "link", sort: ticket.sid, value, expires_at }, { absent: true });
  return { ticket, enough: isOwned(world), ends_at: `${new Date(expires_at).toISOString().slice(0, 19)}Z` };
}

/** @throws Refusal `signin.required` where this world opens by a link and this browser did not come by one. */
export async function expectLink(world: World, ticket: Ticket | undefined): Promise<void> {
  if (world.settings.ROLETRAIL_LINK_SECRET === undefined) return;
  if (ticket !== undefined && (await isOpened(world, ticket))) return;
  throw new Refusal("signin.required", "Roletrail opens here by the link that its start printed on the terminal.", {
    help: another,
  });
}

/** The one person of a world that has logs but no access file: whoever opened the link sees all of it. */
export async function ownerByLink(world: World, ticket: Ticket): Promise<Person | null> {
  if (!isOwned(world) || !(await isOpened(world, ticket))) return null;
  const row = LinkRow.parse((await world.store.get("link", ticket.sid))?.value);
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
const another = "Press Enter in the terminal where Roletrail runs: it prints another link.";

function isOwned(world: World): boolean {
  return world.settings.ROLETRAIL_LINK_SECRET !== undefined && isLinkIssuer(world.access().issuers[0]?.issuer ?? "");
}

const LinkRow = z.strictObject({ tag: z.string(), opened_at: z.string() });

async function isOpened(world: World, ticket: Ticket): Promise<boolean> {
  const row = LinkRow.safeParse((await world.store.get("link", ticket.sid))?.value);
  return row.success && sameText(row.data.tag, tagOf(ticket));
}

function spendable(world: World, code: string): string {
  const [id, end, mac] = code.split(".");
  const secret = world.settings.ROLETRAIL_LINK_SECRET;
  if (secret === undefined || id === undefined || end === undefined || mac === undefined) throw wrong();
  if (!sameText(mac, createHmac("sha256", secret).update(`${id}.${end}`).digest("base64url"))) throw wrong();
  if (Number(end) * 1000 <= world.now().getTime())
    throw new Refusal("signin.failed", "This link is too old.", { help: another });
  return id;
}

const wrong = (): Refusal =>
  new Refusal("signin.failed", "This is not a link that Roletrail printed here.", { help: another });

const tagOf = ({ sid, key }: Ticket): string => createHmac("sha256", key).update(sid).digest("base64url");

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
