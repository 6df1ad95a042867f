import { closeUnknown } from "#/core/mint/close.ts";
import { expectPublished } from "#/core/mint/issuer-canary.ts";
import { keyInKms } from "#/core/mint/issuer-kms.ts";
import { openedOnce } from "../lambda-entry.ts";
import { issuerKeysOf, openLambdaWorld } from "../lambda-world.ts";

const world = openedOnce(() => openLambdaWorld({ withKeys: false }));

/**
 * Each minute: mints without an outcome are closed from the trail, and the issuer must publish exactly our keys. Throws
 * into Lambda's own error count, on which an alarm stands.
 */
export const handler = async (): Promise<null> => {
  const { settings, mints, ledger, trail, now } = await world();
  if (trail.current !== null) await closeUnknown({ mints, ledger: ledger("sweep"), trail: trail.current, now });
  const keys = await Promise.all(issuerKeysOf(settings).map((key) => keyInKms(key)));
  await expectPublished(settings.ROLETRAIL_ISSUER, keys);
  return null;
};
