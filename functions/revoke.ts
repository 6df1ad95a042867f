import { accountOf, powersOf, roleUnknown } from "#/core/access.ts";
import { namesOf } from "#/core/people.ts";
import type { Person } from "#/core/person.ts";
import { recordRefusal } from "#/core/refused.ts";
import { revoke as revokeRole, type StoredRevocation } from "#/core/revoke.ts";
import type { Store } from "#/core/store/index.ts";
import type { Revocation } from "#/core/wire.ts";
import { awsOf } from "./mint.ts";
import { verifyDeed } from "./vault.ts";
import type { Handler, World } from "./world.ts";

/** Ends the older sessions of a role. Without the power for its account the role does not exist. */
export const revoke: Handler<"revoke"> = async (world, caller, input) => {
  const person = await verifyDeed(world, caller, "revoke", input);
  await requirePower(world, person, input.role);
  return named(world.store, await revokeRole(awsOf(world).revoker, person, input));
};

async function requirePower(world: World, person: Person, role: string): Promise<void> {
  const deed = { ledger: world.ledger("revoke"), person_id: person.id, deed: "revoke", role };
  await recordRefusal(deed, async () => {
    if (!powersOf(world.access(), person).may("revoke", accountOf(role))) throw roleUnknown(role);
  });
}

/** With the name of who asked, as far as it was not erased. */
export async function named(store: Store, revocation: StoredRevocation): Promise<Revocation> {
  const names = await namesOf(store, [revocation.asked_by]);
  return { ...revocation, asked_by_name: names.get(revocation.asked_by) ?? revocation.asked_by };
}
