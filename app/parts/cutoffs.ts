import "server-only";
import type { RevocationLine } from "#/core/views.ts";
import { ifAllowed, read } from "../reading.ts";

/** The revocations the reader may see; none where they may see none. */
export async function revocationsSeen(): Promise<readonly RevocationLine[]> {
  return (await ifAllowed(read("revocations", {})))?.revocations ?? [];
}

/** When a session lost its rights: the first stored cutoff of its role after its issue and before its expiry. */
export function cutoffOf(
  session: { readonly role: string | null; readonly issued_at: string | null; readonly expires_at: string | null },
  revocations: readonly RevocationLine[],
): RevocationLine | null {
  const { role, issued_at, expires_at } = session;
  if (role === null || issued_at === null) return null;
  const fitting = revocations.filter(
    ({ revocation }) =>
      revocation.role === role &&
      revocation.stored_at !== null &&
      // Compared as times: one side may carry milliseconds.
      Date.parse(revocation.cutoff) > Date.parse(issued_at) &&
      (expires_at === null || Date.parse(revocation.cutoff) < Date.parse(expires_at)),
  );
  return fitting.sort((a, b) => Date.parse(a.revocation.cutoff) - Date.parse(b.revocation.cutoff))[0] ?? null;
}
