import { z } from "zod";
import { accountOf, nameOf } from "../access.ts";
import { Refusal } from "../refusal.ts";
import type { Store } from "../store/index.ts";

/** While a freeze stands nothing is minted for the role. Written by the revocation, read by the mint before and after STS. */
const partition = "freeze";
/** Role names are unique in an account whatever their path, and people write ARNs with and without it. */
const keyOf = (role: string): string => `${accountOf(role)}/${nameOf(role)}`;

const Freeze = z.object({ revocation_id: z.string(), until: z.string() });
export type Freeze = z.infer<typeof Freeze>;

export async function freezeOf(store: Store, role: string): Promise<Freeze | null> {
  const row = await store.get(partition, keyOf(role));
  return row === null ? null : Freeze.parse(row.value);
}

/** Freezes until the given time; a freeze that stands longer is left as it is. On disk when this answers. */
export async function freeze(store: Store, role: string, revocationId: string, until: Date): Promise<void> {
  const row = await store.get(partition, keyOf(role));
  if (row !== null && Freeze.parse(row.value).until >= until.toISOString()) return;
  const value: Freeze = { revocation_id: revocationId, until: until.toISOString() };
  const written = await store.put(
    { partition, sort: keyOf(role), value, expires_at: until.getTime(), durable: true },
    row === null ? { absent: true } : { version: row.version },
  );
  // Another revocation froze it meanwhile: keep the longer one.
  if (!written) await freeze(store, role, revocationId, until);
}

/** "16:05:12 UTC": a thaw is a whole second, at most half a minute ahead. */
export const thawWords = (until: string): string => `${until.slice(11, 19)} UTC`;

/** @throws Refusal `role.frozen` with the time. */
export async function requireThawed(store: Store, role: string): Promise<void> {
  const frozen = await freezeOf(store, role);
  if (frozen === null) return;
  throw new Refusal("role.frozen", "Older sessions of this role are being revoked, so it mints nothing just now.", {
    help: `It mints again from ${thawWords(frozen.until)} on.`,
    until: frozen.until,
  });
}
