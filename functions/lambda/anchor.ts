import { anchorLedger } from "#/core/anchors.ts";
import { openedOnce } from "../lambda-entry.ts";
import { openAnchors, openLambdaWorld } from "../lambda-world.ts";

const world = openedOnce(() => openLambdaWorld({ withAccess: false, withKeys: false }));

/**
 * Each minute: the ledger's heads, signed, go where nobody can take them back. Its role cannot write the ledger. A ledger
 * that lacks what was anchored, or is not sound, throws into Lambda's own error count, on which an alarm stands.
 */
export const handler = async (): Promise<{ readonly anchored: string | null }> => {
  const { settings, store, now } = await world();
  const anchor = await anchorLedger(store, await openAnchors(settings), now);
  return { anchored: anchor?.root ?? null };
};
