import type { AccessFile } from "#/core/access.ts";
import type { MintRow } from "#/core/mint/rows.ts";
import type { MintFact } from "#/queries/record.ts";

/** The roles that Roletrail takes on itself, whoever calls itself so. */
export function ownRoles(access: AccessFile): { readonly role: string; readonly caller: null }[] {
  const roles = access.accounts.flatMap(({ broker, revoker, reader }) => [broker, revoker, reader]);
  return [...new Set(roles)].flatMap((role) => (role === undefined ? [] : [{ role, caller: null }]));
}

export const mintFact = (row: MintRow): MintFact => ({
  mint_id: row.mint_id,
  person_id: row.person_id,
  account: row.account,
  role: row.role,
  road: row.road,
  outcome: row.outcome,
  intended_at: row.intended_at,
  issued_at: row.issued_at,
  expires_at: row.expires_at,
  access_key_id: row.access_key_id,
  session_name: row.session_name,
  reason: row.reason,
});
