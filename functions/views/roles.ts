import { accountOf, nameOf, rolesOf, roleUnknown, type Terms } from "#/core/access.ts";
import { mintTag, secondsMaxOf } from "#/core/mint/checks.ts";
import { freezeOf } from "#/core/mint/freeze.ts";
import { preflight } from "#/core/mint/preflight.ts";
import { sessionNameOf } from "#/core/session-name.ts";
import type { PreflightCheck, RolePage, RoleView, Views } from "#/core/views.ts";
import { arnOf, isSame, type Look, maySee } from "./look.ts";
import { linesOf } from "./revocations.ts";

export async function roles(look: Look): Promise<Views["roles"]["view"]> {
  const { world, person } = look;
  const terms = rolesOf(world.access(), person);
  return { roles: await Promise.all(terms.map((each) => roleView(look, each))), groups: person.groups };
}

async function roleView({ world }: Look, terms: Terms): Promise<RoleView> {
  const { role, account } = terms;
  return {
    arn: role.arn,
    account: account.id,
    account_name: account.name,
    name: nameOf(role.arn),
    description: role.description ?? null,
    road: role.road,
    seconds_max: world.aws === null ? terms.seconds_max : await secondsMaxOf(world.aws.minter, terms),
    requires: terms.requires,
    external_id: role.external_id !== undefined,
    frozen_until: (await freezeOf(world.store, role.arn))?.until ?? null,
  };
}

/** @throws Refusal `role.unknown`, in the same words whether it does not exist or is neither theirs nor theirs to see. */
export async function role(look: Look, { account, name }: { account: string; name: string }): Promise<RolePage> {
  const { world, person, powers } = look;
  const access = world.access();
  const terms = rolesOf(access, person).find(
    ({ role: of }) => accountOf(of.arn) === account && nameOf(of.arn) === name,
  );
  const entry = access.accounts.find(({ id }) => id === account);
  // Who sees the whole trail sees accounts there that no access file names.
  const seesTrail = powers.accountsOf("see-all") === "*";
  const may_see = seesTrail || maySee(look, account);
  const may_revoke = powers.may("revoke", account);
  const arn = arnOf(look, account, name);
  const isThere = entry !== undefined || seesTrail;
  if (!isThere || (terms === undefined && !may_see && !may_revoke)) throw roleUnknown(arn);
  return {
    role: terms === undefined ? null : await roleView(look, terms),
    arn,
    account,
    account_name: entry?.name ?? account,
    name,
    may_revoke,
    may_see,
    frozen_until: (await freezeOf(world.store, arn))?.until ?? null,
    checks: terms === undefined ? [] : await checksOf(look, terms, person.id),
    revocations: may_see || may_revoke ? await linesOf(look, (role) => isSame(role, account, name)) : [],
  };
}

async function checksOf({ world, person }: Look, terms: Terms, personId: string): Promise<readonly PreflightCheck[]> {
  if (world.aws === null) return [];
  const { minter, roleDoor } = world.aws;
  const intended = {
    terms,
    issuer: minter.issuer,
    tags: { ...terms.role.tags, [mintTag]: "m_" },
    source_identity: terms.role.source_identity ? personId : null,
    person_id: personId,
    session_name: sessionNameOf(person, world.access().session_names),
  };
  return preflight(minter, intended, roleDoor(terms.account));
}
