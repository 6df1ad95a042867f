import { accountOf, nameOf, type Powers } from "#/core/access.ts";
import type { Person } from "#/core/person.ts";
import type { ViewName } from "#/core/views.ts";
import type { World } from "../world.ts";

/** Who looks, and what they may see. */
export interface Look {
  readonly world: World;
  readonly person: Person;
  readonly powers: Powers;
}

/** In this account, may they see what others did? */
export const maySee = ({ powers }: Look, account: string): boolean =>
  powers.may("see-all", account) || powers.may("see-account", account);

const looksApartMs = 600_000;

/** A look at what is another person's goes to the ledger; the same look within ten minutes, once. */
export async function recordLook(
  { world, person }: Look,
  view: ViewName,
  at: string,
  ofPersonId: string | null = null,
): Promise<void> {
  const expires_at = world.now().getTime() + looksApartMs;
  const row = { partition: `looked#${person.id}`, sort: `${view}#${at}`, value: {}, expires_at };
  if (!(await world.store.put(row, { absent: true }))) return;
  const body = { person_id: person.id, view, at, of_person_id: ofPersonId };
  await world.ledger("read").append({ kind: "looked", body });
}

export const isSame = (arn: string, account: string, name: string): boolean =>
  accountOf(arn) === account && nameOf(arn) === name;

/** As the access file writes it; otherwise without a path, which IAM fills in where it matters. */
export function arnOf({ world }: Look, account: string, name: string): string {
  const access = world.access();
  const known = access.roles.find(({ arn }) => isSame(arn, account, name));
  const partition = access.accounts.find(({ id }) => id === account)?.partition ?? "aws";
  return known?.arn ?? `arn:${partition}:iam::${account}:role/${name}`;
}
