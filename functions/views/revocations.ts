import { accountOf, nameOf, roleUnknown } from "#/core/access.ts";
import { namesOf } from "#/core/people.ts";
import { revokePolicyName } from "#/core/policies.ts";
import { Refusal } from "#/core/refusal.ts";
import { countsOf, revokedSessions } from "#/core/revocations.ts";
import { settledCounts } from "#/core/revocations-settled.ts";
import {
  cannotStop,
  lookAtRevoke,
  revocationOf,
  type StoredRevocation,
  revocations as storedRevocations,
} from "#/core/revoke.ts";
import type { RevocationLine, RevokePreview, Views } from "#/core/views.ts";
import type { RevokedSession } from "#/core/wire.ts";
import { awsOf } from "../mint.ts";
import { named } from "../revoke.ts";
import { arnOf, type Look, maySee, recordLook } from "./look.ts";

const shownMax = 100;

export async function revocations(look: Look): Promise<Views["revocations"]["view"]> {
  return { revocations: await linesOf(look, () => true) };
}

/** Newest first, of the accounts this person may see or revoke in. */
export async function linesOf(look: Look, wanted: (role: string) => boolean): Promise<readonly RevocationLine[]> {
  const { world } = look;
  const mine = (await storedRevocations(world.store, shownMax)).filter(
    ({ role }) => wanted(role) && maySeeRevocation(look, role),
  );
  const settled = await settledCounts(world.store);
  const byId = new Map(world.access().accounts.map(({ id, name }) => [id, name]));
  return Promise.all(
    mine.map(async (stored) => ({
      revocation: await named(world.store, stored),
      account_name: byId.get(accountOf(stored.role)) ?? accountOf(stored.role),
      role_name: nameOf(stored.role),
      counts: settled.get(stored.revocation_id) ?? countsOf(await sessionsOf(look, stored)),
    })),
  );
}

export async function revocation(look: Look, { id }: { id: string }): Promise<Views["revocation"]["view"]> {
  const { world } = look;
  const stored = await revocationOf(world.store, id);
  if (stored === null || !maySeeRevocation(look, stored.role)) {
    throw new Refusal("revocation.unknown", `${id} is not a revocation you may see.`, { help: "Check its id." });
  }
  await recordLook(look, "revocation", id);
  const sessions = await withNames(look, await sessionsOf(look, stored));
  return { revocation: await named(world.store, stored), sessions, counts: countsOf(sessions) };
}

/** What the button would do. Power: revoke; without it the role does not exist. */
export async function revokePreview(
  look: Look,
  { account, name }: { account: string; name: string },
): Promise<RevokePreview> {
  const { world, powers } = look;
  const arn = arnOf(look, account, name);
  if (!powers.may("revoke", account)) throw roleUnknown(arn);
  await recordLook(look, "revoke-preview", arn);
  const { role, cutoff, policy, room, refusal } = await lookAtRevoke(awsOf(world).revoker, arn);
  if (refusal?.code === "role.unknown") throw refusal;
  const now = world.now().toISOString();
  const asked = { role, asked_at: now, stored_at: null, cutoff: cutoff.toISOString() };
  return {
    arn: role,
    account_name: world.access().accounts.find(({ id }) => id === account)?.name ?? account,
    name,
    hits: refusal === null ? await withNames(look, await sessionsOf(look, asked)) : [],
    cannot_stop: cannotStop,
    policy_name: revokePolicyName,
    policy,
    cutoff: cutoff.toISOString(),
    headroom: room ?? { used: 0, max: 0, adds: 0 },
    refusal: refusal === null ? null : { code: refusal.code, detail: refusal.message, help: refusal.help ?? null },
  };
}

const maySeeRevocation = (look: Look, role: string): boolean =>
  maySee(look, accountOf(role)) || look.powers.may("revoke", accountOf(role));

async function sessionsOf(
  { world }: Look,
  revoked: Pick<StoredRevocation, "role" | "asked_at" | "stored_at" | "cutoff">,
): Promise<readonly RevokedSession[]> {
  await world.mints.refresh();
  const { mints, trail } = world;
  const known = { minted: mints.ofRole(revoked.role), now: world.now() };
  try {
    return await revokedSessions(revoked, { ...known, trail: trail.current });
  } catch (error) {
    // Where the trail does not answer just now, what the ledger knows is shown, each session as not observable yet.
    if (!(error instanceof Refusal) || !isOfTrail(error)) throw error;
    return revokedSessions(revoked, { ...known, trail: null });
  }
}

const isOfTrail = ({ code }: Refusal): boolean => code.startsWith("trail.") || code === "functions.down";

/** Our own sessions carry their person: by the mint, or by the caller that is one. */
async function withNames({ world }: Look, sessions: readonly RevokedSession[]): Promise<readonly RevokedSession[]> {
  const people = new Map([...world.mints.all()].map((mint) => [mint.access_key_id, mint.person_id]));
  const personOf = ({ access_key_id, caller }: RevokedSession): string => people.get(access_key_id) ?? caller;
  const names = await namesOf(world.store, sessions.map(personOf));
  return sessions.map((session) => ({ ...session, person_name: names.get(personOf(session)) ?? null }));
}
