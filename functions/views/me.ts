import { type AccessFile, nameOf, rolesOf } from "#/core/access.ts";
import { namesOf } from "#/core/people.ts";
import { Refusal } from "#/core/refusal.ts";
import type { Me, Views } from "#/core/views.ts";
import { type Look, maySee } from "./look.ts";

export async function me(look: Look): Promise<Me> {
  const { world, person, powers } = look;
  const access = world.access();
  const reached = new Set(rolesOf(access, person).map(({ account }) => account.id));
  return {
    person,
    powers: powers.list,
    world: world.settings.ROLETRAIL_WORLD,
    simulated: world.settings.ROLETRAIL_WORLD === "sandbox",
    complete_up_to: (await world.trail.current?.completeUpTo()) ?? null,
    mints: world.aws !== null,
    accounts: access.accounts
      .filter(({ id }) => reached.has(id) || maySee(look, id) || powers.may("revoke", id))
      .map(({ id, name }) => ({ id, name })),
  };
}

const idsMax = 200;

/** People by id for who may see others, oneself always; accounts and roles of the access file by number and ARN. */
export async function names(look: Look, { ids: text }: { ids: string }): Promise<Views["names"]["view"]> {
  const { world, person, powers } = look;
  const ids = text.split(",").filter((id) => id !== "");
  if (ids.length > idsMax) throw new Refusal("request.invalid", `At most ${idsMax} names are told at once.`);
  const seesOthers = powers.mayAnywhere("see-all") || powers.mayAnywhere("see-account") || powers.mayAnywhere("revoke");
  const people = await namesOf(
    world.store,
    ids.filter((id) => id.startsWith("p_") && (seesOthers || id === person.id)),
  );
  const places = placesOf(world.access());
  const known = ids.flatMap((id) => {
    const name = people.get(id) ?? places.get(id);
    return name === undefined ? [] : [[id, name] as const];
  });
  return { names: Object.fromEntries(known) };
}

function placesOf({ accounts, roles }: AccessFile): ReadonlyMap<string, string> {
  const byId = new Map(accounts.map(({ id, name }) => [id, name]));
  const ofRole = (arn: string): string => `${byId.get(arn.split(":")[4] ?? "") ?? ""}/${nameOf(arn)}`;
  return new Map([...byId, ...roles.map(({ arn }) => [arn, ofRole(arn)] as const)]);
}
