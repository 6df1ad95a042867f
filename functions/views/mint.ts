import { namesOf } from "#/core/people.ts";
import { Refusal } from "#/core/refusal.ts";
import type { MintView } from "#/core/views.ts";
import { type Look, maySee, recordLook } from "./look.ts";

/** What the ledger says of one mint: to its own person, and to who may see its account. */
export async function mintOf(look: Look, { id }: { id: string }): Promise<MintView> {
  const { world, person } = look;
  await world.mints.refresh();
  const mint = world.mints.get(id);
  const isOwn = mint?.person_id === person.id;
  if (mint === undefined || !(isOwn || maySee(look, mint.account))) {
    throw new Refusal("session.unknown", `${id} is not a mint you may see.`, { help: "Check its id." });
  }
  if (!isOwn) await recordLook(look, "mint", id, mint.person_id);
  const names = await namesOf(world.store, [mint.person_id]);
  const { mint_id, person_id, role, road, reason, session_policy, seconds } = mint;
  const { intended_at, issued_at, expires_at, outcome, access_key_id, ledger } = mint;
  return {
    mint_id,
    person_id,
    person_name: names.get(person_id) ?? person_id,
    role,
    road,
    reason,
    session_policy,
    seconds,
    intended_at,
    issued_at,
    expires_at,
    outcome,
    access_key_id,
    ledger,
  };
}
