import { createHash } from "node:crypto";
import { z } from "zod";
import type { Person } from "./person.ts";
import type { Store } from "./store/index.ts";

/**
 * Names for person ids, beside the ledger, so that a name can be erased while the chain stays whole. The origin is kept
 * as a hash: it is only compared, so that two people can never share an id unseen.
 */
const partition = "person";

const Known = z.object({ name: z.string().nullable(), origin: z.string(), first_seen_at: z.string() });

export type Named = Pick<Person, "id" | "issuer" | "claim" | "name">;

/** @throws Error when the id belongs to somebody else (a collision of 80 bits, or a changed person key). */
export async function remember(store: Store, person: Named, now: Date): Promise<void> {
  const origin = createHash("sha256").update(`${person.issuer}\n${person.claim}`).digest("hex");
  const row = await store.get(partition, person.id);
  const known = row === null ? null : Known.parse(row.value);
  if (known !== null && known.origin !== origin) throw new Error(`person id ${person.id} already belongs to another`);
  if (known?.name === person.name) return;
  const value = { name: person.name, origin, first_seen_at: known?.first_seen_at ?? now.toISOString() };
  const condition = row === null ? ({ absent: true } as const) : { version: row.version };
  const written = await store.put({ partition, sort: person.id, value }, condition);
  // Lost a race against another sign-in of somebody with this id: look again.
  if (!written) await remember(store, person, now);
}

/** Display names of these ids; an id without one (unknown, erased) is left out. */
export async function namesOf(store: Store, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await Promise.all([...new Set(ids)].map((id) => store.get(partition, id)));
  return new Map(
    rows.flatMap((row) => {
      const name = row === null ? null : Known.parse(row.value).name;
      return row === null || name === null ? [] : [[row.sort, name] as const];
    }),
  );
}

/** Forgets the name. The id in the ledger stays, and means nobody to who holds no person key. */
export async function eraseName(store: Store, id: string): Promise<void> {
  const row = await store.get(partition, id);
  if (row === null) return;
  await store.put({ partition, sort: id, value: { ...Known.parse(row.value), name: null } }, { any: true });
}
